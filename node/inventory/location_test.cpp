#include "node/inventory/testing.hpp"

using namespace kieng;
using namespace kieng::inventory;
using kieng::inventory::testing::json;
using kieng::inventory::testing::shop;

namespace {

result<store::written> create(shop& at, const std::string& body)
{
    const auto wanted = read_location(body, true);
    REQUIRE(wanted.has_value());
    return at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.create({}, shop::key(), *wanted);
    });
}

result<store::written> edit(shop& at, const std::string& id, const std::string& body)
{
    const auto wanted = read_location(body, false);
    REQUIRE(wanted.has_value());
    return at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.edit({}, shop::key(), id, *wanted);
    });
}

result<store::written> remove(shop& at, const std::string& id)
{
    return at.io.wait([&]() -> task<result<store::written>> {
        return at.locations.remove({}, shop::key(), id, std::nullopt);
    });
}

std::string id_of(const result<store::written>& made)
{
    REQUIRE(made.has_value());
    return json::parse(made->what.body)["id"].get<std::string>();
}

std::string codes(shop& at)
{
    auto got = at.io.wait(
        [&]() -> task<result<store::seen<std::vector<location>>>> { return at.locations.list(); });
    REQUIRE(got.has_value());
    std::string out;
    for (const auto& one : got->value)
        out +=
            one.fields.code + (one.fields.is_default ? "*" : "") + (one.fields.active ? " " : "- ");
    return out;
}

}  // namespace

TEST_CASE("there is always one default location, and only one")
{
    shop at;
    CHECK(codes(at) == "main* ");
    const auto kho = id_of(create(at, R"({"name":"Kho"})"));
    const auto other = id_of(create(at, R"({"name":"Kho"})"));
    CHECK(codes(at) == "main* kho kho-2 ");
    REQUIRE(edit(at, kho, R"({"version":1,"isDefault":true})").has_value());
    CHECK(codes(at) == "kho* kho-2 main ");
    CHECK(edit(at, kho, R"({"version":2,"isDefault":false})").error().code ==
          errc::location_in_use);
    CHECK(edit(at, kho, R"({"version":2,"active":false})").error().code == errc::validation_failed);
    CHECK(remove(at, kho).error().code == errc::location_in_use);
    CHECK(edit(at, other, R"({"version":1,"code":"main"})").error().code == errc::slug_taken);
    CHECK(edit(at, other, R"({"version":9,"code":"new"})").error().code == errc::version_conflict);
    CHECK(edit(at, other, R"({"code":"new"})").error().code == errc::version_required);
    CHECK(edit(at, shop::id(), R"({"version":1,"code":"new"})").error().code == errc::not_found);
    CHECK(create(at, R"({"name":"K","isDefault":true,"active":false})").error().code ==
          errc::validation_failed);
    CHECK(at.events("LocationUpdatedEvent").size() == 4);
}

TEST_CASE("a place with goods stays open, one with a past is closed, one without goes")
{
    shop at;
    const auto tea = at.goods("tea");
    const auto kho = id_of(create(at, R"({"name":"Kho"})"));
    const auto van = id_of(create(at, R"({"name":"Xe"})"));
    const auto move = [&](document_kind kind) {
        at.posted(kind, R"({"locationId":")" + kho + R"(","lines":[{"variantId":")" + tea +
                            R"(","quantity":2}]})");
    };
    move(document_kind::receipt);
    CHECK(remove(at, kho).error().code == errc::location_in_use);
    CHECK(edit(at, kho, R"({"version":1,"active":false})").error().code == errc::location_in_use);
    move(document_kind::destruction);
    const auto count = at.posted(document_kind::count, R"({"locationId":")" + kho + "\"}");
    CHECK(remove(at, kho).error().code == errc::location_in_use);
    REQUIRE(at.io
                .wait([&]() -> task<result<store::written>> {
                    return at.documents.cancel({}, shop::key(), count["id"].get<std::string>());
                })
                .has_value());
    CHECK(remove(at, kho).has_value());
    CHECK(remove(at, van).has_value());
    CHECK(codes(at) == "main* kho- ");
    const auto refused = at.post(document_kind::receipt, R"({"locationId":")" + kho +
                                                             R"(","lines":[{"variantId":")" + tea +
                                                             R"(","quantity":2}]})");
    CHECK(refused.error().fields.at(0).pointer == "/locationId");
}
