#include "node/identity/testing.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

using http::verb;
using testing::answered;
using testing::json;
using testing::shop;

const json kHome{{"recipient", "Nguyễn Lan"},
                 {"phone", "0912345678"},
                 {"line1", "12 Hàng Bạc"},
                 {"province", "Hà Nội"}};

json with(json base, const std::string& member, const json& value)
{
    base[member] = value;
    return base;
}

struct resident {
    shop s;
    json in = s.sign_up("lan@example.vn");

    answered ask(verb method, const std::string& path = "", const json& body = nullptr,
                 const json* as = nullptr)
    {
        const std::string token = (as ? *as : in).at("accessToken");
        return s.a.ask(
            {method, "/auth/me/addresses" + path, body.is_null() ? "" : body.dump(), token});
    }
    std::string add(const std::string& street, bool is_default = false)
    {
        const auto made =
            ask(verb::post, "", with(with(kHome, "line1", street), "isDefault", is_default));
        REQUIRE(made.status == 201);
        return made.at("id");
    }
    std::string streets()
    {
        std::string out;
        const auto list = ask(verb::get);
        for (const auto& item : list.body["items"]) {
            out += item["line1"].get<std::string>() + (item["isDefault"] == true ? "*" : "") + " ";
        }
        return out;
    }
};

TEST_CASE("the first address becomes the default, a new default takes the mark")
{
    resident r;
    CHECK(r.streets() == "");
    r.add("a");
    CHECK(r.streets() == "a* ");
    r.add("b");
    CHECK(r.streets() == "a* b ");
    r.add("c", true);
    CHECK(r.streets() == "c* b a ");
}

TEST_CASE("when the default goes, the newest of the others becomes it")
{
    resident r;
    const auto a = r.add("a");
    const auto b = r.add("b");
    r.add("c");
    CHECK(r.ask(verb::del, "/" + a).status == 204);
    CHECK(r.streets() == "c* b ");
    CHECK(r.ask(verb::del, "/" + b).status == 204);
    CHECK(r.ask(verb::del, "/" + b).status == 404);
    CHECK(r.streets() == "c* ");
}

TEST_CASE("replacing an address names its version and may move the mark")
{
    resident r;
    const auto a = r.add("a");
    const auto b = r.add("b");
    const auto put = [&](const std::string& id, json body) {
        return r.ask(verb::put, "/" + id, body);
    };
    const auto wanted = with(with(kHome, "line1", "b2"), "isDefault", true);
    CHECK(put(b, wanted).code() == "version_required");
    const auto done = put(b, with(wanted, "version", 1));
    REQUIRE(done.status == 200);
    CHECK(done.body["version"] == 2);
    CHECK(r.streets() == "b2* a ");
    CHECK(put(b, with(wanted, "version", 2)).body["version"] == 2);
    const auto stale = put(b, with(with(wanted, "line1", "b3"), "version", 1));
    CHECK(stale.code() == "version_conflict");
    CHECK(stale.body["conflicts"] ==
          json::parse(R"([{"field":"line1","base":"b","theirs":"b2","yours":"b3"}])"));
    CHECK(put(b, with(with(wanted, "isDefault", false), "version", 2)).status == 200);
    CHECK(r.streets() == "a* b2 ");
}

TEST_CASE("edits of different fields of an address both survive")
{
    resident r;
    const auto a = r.add("a");
    const auto start = with(with(kHome, "line1", "a"), "isDefault", true);
    const auto put = [&](json body, int version) {
        return r.ask(verb::put, "/" + a, with(body, "version", version));
    };
    REQUIRE(put(with(start, "ward", "Hàng Bạc"), 1).status == 200);
    const auto both = put(with(start, "phone", "0987654321"), 1);
    REQUIRE(both.status == 200);
    CHECK(both.body["ward"] == "Hàng Bạc");
    CHECK(both.body["phone"] == "0987654321");
    CHECK(both.body["version"] == 3);
    CHECK(both.body["merged"] == json::parse(R"(["ward"])"));
    const auto against = put(with(with(start, "ward", "Hàng Đào"), "label", "Nhà"), 1);
    CHECK(against.code() == "version_conflict");
    CHECK(against.body["currentVersion"] == 3);
    CHECK(against.body["conflicts"] ==
          json::parse(R"([{"field":"ward","base":null,"theirs":"Hàng Bạc","yours":"Hàng Đào"}])"));
}

TEST_CASE("a version of an address that is no longer kept merges with nothing")
{
    resident r;
    const auto a = r.add("a");
    for (int version = 1; version <= 22; ++version) {
        const auto body =
            with(with(kHome, "line1", "a" + std::to_string(version)), "version", version);
        REQUIRE(r.ask(verb::put, "/" + a, body).status == 200);
    }
    CHECK(r.s.sql("SELECT count(*) FROM address_versions") == "20");
    const auto body = with(with(with(kHome, "line1", "a22"), "label", "Nhà"), "version", 1);
    const auto refused = r.ask(verb::put, "/" + a, body);
    CHECK(refused.code() == "version_conflict");
    CHECK(refused.body["conflicts"][0] ==
          json::parse(R"({"field":"label","theirs":null,"yours":"Nhà"})"));
}

TEST_CASE("the only address stays the default")
{
    resident r;
    const auto a = r.add("a");
    const auto done = r.ask(verb::put, "/" + a, with(with(kHome, "line1", "a2"), "version", 1));
    CHECK(done.body["isDefault"] == true);
}

TEST_CASE("addresses of others are not there")
{
    resident r;
    const auto a = r.add("a");
    const auto other = r.s.sign_up("minh@example.vn");
    CHECK(r.ask(verb::put, "/" + a, with(kHome, "version", 1), &other).status == 404);
    CHECK(r.ask(verb::del, "/" + a, nullptr, &other).status == 404);
    CHECK(r.ask(verb::get, "/" + a, nullptr, &other).status == 404);
    CHECK(r.ask(verb::get, "/" + a).at("id") == a);
    CHECK(r.ask(verb::get, "", nullptr, &other).body["items"].empty());
    CHECK(r.ask(verb::del, "/x").status == 404);
    CHECK(r.streets() == "a* ");
}

TEST_CASE("fifty addresses are enough, also for those who add at once")
{
    resident r;
    for (int i = 0; i < 48; ++i) r.add("street " + std::to_string(i));
    std::vector<std::future<http::response>> waiting;
    const std::string token = r.in.at("accessToken");
    for (int i = 0; i < 6; ++i) {
        waiting.push_back((i % 2 == 0 ? r.s.a : r.s.b)
                              .start({verb::post, "/auth/me/addresses", kHome.dump(), token}));
    }
    int refused = 0;
    for (auto& one : waiting)
        refused += testing::read(one.get()).code() == "address_limit_reached" ? 1 : 0;
    CHECK(refused == 4);
    CHECK(r.s.sql("SELECT count(*) FROM addresses") == "50");
    CHECK(r.s.sql("SELECT count(*) FROM addresses WHERE is_default") == "1");
}

}  // namespace
}  // namespace kieng::identity
