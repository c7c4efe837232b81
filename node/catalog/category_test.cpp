#include "node/catalog/category_json.hpp"
#include "node/catalog/testing.hpp"

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::catalogue;
using kieng::catalog::testing::json;
using texts = std::vector<std::string>;

namespace {

std::string id_of(const json& c)
{
    return c.at("id").get<std::string>();
}

result<store::written> edit(catalogue& shop, const std::string& id, const std::string& body)
{
    const auto change = read_category(body, form::patch);
    REQUIRE(change.has_value());
    return shop.io.wait([&]() -> task<result<store::written>> {
        return shop.categories.edit({}, catalogue::key(), id, *change);
    });
}

result<store::written> remove(catalogue& shop, const std::string& id)
{
    return shop.io.wait([&]() -> task<result<store::written>> {
        return shop.categories.remove({}, catalogue::key(), id, std::nullopt);
    });
}

page<category> list(catalogue& shop, category_store::category_query query = {})
{
    auto got = shop.io.wait(
        [&]() -> task<result<store::seen<page<category>>>> { return shop.categories.list(query); });
    REQUIRE(got.has_value());
    return std::move(got->value);
}

texts paths(const page<category>& of)
{
    texts out;
    for (const auto& c : of.items) out.push_back(c.path);
    return out;
}

}  // namespace

TEST_CASE("the tree comes with children directly behind their parents")
{
    catalogue shop;
    const auto a = id_of(shop.category("A"));
    shop.category("A-B");
    const auto c = id_of(shop.category("Cá", a));
    shop.category("Cá con", c);
    CHECK(paths(list(shop)) == texts{"a", "a/ca", "a/ca/ca-con", "a-b"});
    category_store::category_query query;
    query.parent = "root";
    CHECK(paths(list(shop, query)) == texts{"a", "a-b"});
    query.parent = a;
    CHECK(paths(list(shop, query)) == texts{"a/ca"});
    query.parent = "a";
    CHECK(paths(list(shop, query)) == texts{"a/ca"});
    query = {};
    query.q = "ca";
    query.total = true;
    CHECK(paths(list(shop, query)) == texts{"a/ca", "a/ca/ca-con"});
    CHECK(list(shop, query).total == 2);
    query = {};
    query.limit = 3;
    const auto first = list(shop, query);
    query.after = *first.next;
    CHECK(paths(list(shop, query)) == texts{"a-b"});
}

TEST_CASE("moving and renaming a category moves what is below, and never below itself")
{
    catalogue shop;
    const auto a = id_of(shop.category("A")), b = id_of(shop.category("B", a)),
               c = id_of(shop.category("C", b)), d = id_of(shop.category("D"));
    REQUIRE(edit(shop, b, R"({"version":1,"parentId":")" + d + R"(","slug":"bb"})").has_value());
    CHECK(paths(list(shop)) == texts{"a", "d", "d/bb", "d/bb/c"});
    const auto tags = shop.last_tags();
    CHECK(std::find(tags.begin(), tags.end(), "category:" + c) != tags.end());
    CHECK(edit(shop, d, R"({"version":1,"parentId":")" + c + R"("})").error().code ==
          errc::category_cycle);
    CHECK(edit(shop, d, R"({"version":1,"parentId":")" + d + R"("})").error().code ==
          errc::category_cycle);
    CHECK(edit(shop, d, R"({"version":1,"slug":"a"})").error().code == errc::slug_taken);
    CHECK(edit(shop, d, R"({"slug":"x"})").error().code == errc::version_required);
    std::string at = c;
    for (int level = 4; level <= 8; ++level)
        at = id_of(shop.category("L" + std::to_string(level), at));
    category_change deeper;
    deeper.name = "too deep";
    deeper.parent_id = at;
    const auto refused = shop.io.wait([&]() -> task<result<store::written>> {
        return shop.categories.create({}, catalogue::key(), deeper);
    });
    CHECK(refused.error().code == errc::category_too_deep);
    CHECK(edit(shop, d, R"({"version":1,"parentId":")" + a + R"("})").error().code ==
          errc::category_too_deep);
}

TEST_CASE("two edits of a category merge, and clash on the same member")
{
    catalogue shop;
    const auto a = id_of(shop.category("A"));
    REQUIRE(edit(shop, a, R"({"version":1,"name":"Á"})").has_value());
    const auto merged = edit(shop, a, R"({"version":1,"slug":"new"})");
    REQUIRE(merged.has_value());
    CHECK(json::parse(merged->what.body)["merged"] == json::array({"name"}));
    const auto clash = edit(shop, a, R"({"version":1,"name":"B"})");
    REQUIRE(clash.has_error());
    CHECK(json::parse("{" + clash.error().members + "}")["conflicts"][0] ==
          json::parse(R"({"field":"name","base":"A","theirs":"Á","yours":"B"})"));
}

TEST_CASE("a category in use stays, and stays above the subcategories its goods name")
{
    catalogue shop;
    const auto a = id_of(shop.category("A")), b = id_of(shop.category("B", a)),
               c = id_of(shop.category("C"));
    shop.made(R"({"name":"p","price":1,"category":"a","subcategory":"b"})");
    CHECK(remove(shop, a).error().code == errc::category_in_use);
    CHECK(remove(shop, b).error().code == errc::category_in_use);
    CHECK(edit(shop, b, R"({"version":1,"parentId":")" + c + R"("})").error().code ==
          errc::category_in_use);
    CHECK(edit(shop, a, R"({"version":1,"parentId":")" + c + R"("})").has_value());
    CHECK(remove(shop, c).error().code == errc::category_in_use);
    const auto empty = id_of(shop.category("E"));
    CHECK(remove(shop, empty).has_value());
    CHECK(remove(shop, empty).error().code == errc::not_found);
}
