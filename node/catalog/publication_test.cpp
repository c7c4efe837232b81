// Goods that come later, old slugs, what the audit log tells of goods, and faults that only the database finds.
#include "node/catalog/import_testing.hpp"
#include "node/catalog/product_reads.hpp"

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::catalogue;
using kieng::catalog::testing::json;
using kieng::catalog::testing::shop_with_imports;
using texts = std::vector<std::string>;

namespace {

std::string id_of(const json& made)
{
    return made["id"].get<std::string>();
}

int published(catalogue& shop)
{
    const auto done =
        shop.io.wait([&]() -> task<result<int>> { return shop.products.publish_due(); });
    REQUIRE(done.has_value());
    return *done;
}

json details(catalogue& shop, const std::string& action)
{
    return json::parse(shop.database.sql("SELECT details FROM audit_log WHERE action = '" + action +
                                         "' ORDER BY at DESC LIMIT 1"));
}

// Lets the time come without waiting for it.
void let_come(catalogue& shop)
{
    shop.database.sql(
        "UPDATE products SET published_at = now() - interval '1 second' WHERE status = 4");
}

}  // namespace

TEST_CASE(
    "goods of a time to come are seen by nobody but the staff until a sweep makes them public")
{
    catalogue shop;
    const auto made =
        shop.made(R"({"name":"Áo Tết","price":5,"sku":"T","tags":["tết"],"brand":"Nhà",
        "publishedAt":"2999-01-01T00:00:00.000Z"})");
    CHECK(made["status"] == "active");
    CHECK(made["publishedAt"] == "2999-01-01T00:00:00.000Z");
    const auto seen = [&](std::vector<status> statuses, const std::string& q = "") {
        product_query query;
        query.filter.statuses = std::move(statuses);
        if (!q.empty()) query.filter.q = q, query.sort = product_sort::relevance;
        return shop.names(query);
    };
    const texts none, it{"Áo Tết"};
    const auto sees = [&](const texts& expected) {
        CHECK(seen({status::active}) == expected);
        CHECK(seen({status::active}, "ao tet") == expected);
        CHECK(seen({status::active}, "T") == expected);
        product_list_store::label_query tags;
        tags.kind = product_list_store::label_kind::tag;
        tags.statuses = {status::active};
        auto got = shop.io.wait([&]() -> task<result<store::seen<page<std::string>>>> {
            return shop.products.labels(tags);
        });
        CHECK(got->value.items.size() == expected.size());
        CHECK(is_public(*shop.find(id_of(made))) == !expected.empty());
    };
    sees(none);
    CHECK(seen({status::active, status::scheduled}) == it);
    CHECK(seen({status::active, status::scheduled}, "ao tet") == it);
    CHECK(published(shop) == 0);
    sees(none);
    let_come(shop);
    sees(none);
    CHECK(published(shop) == 1);
    const auto tags = shop.last_tags();
    for (const auto* tag : {"list:products", "list:tags", "list:brands"})
        CHECK(std::find(tags.begin(), tags.end(), tag) != tags.end());
    CHECK(std::find(tags.begin(), tags.end(), "product:" + id_of(made)) != tags.end());
    sees(it);
    CHECK(shop.find(id_of(made))->version == 1);
    CHECK(published(shop) == 0);
    CHECK(shop.database.sql("SELECT count(*) FROM outbox") == "2");
}

TEST_CASE("publishedAt is edited like any field, and null publishes at once")
{
    catalogue shop;
    const auto id = id_of(shop.made(R"({"name":"A","price":5,"tags":["t"]})"));
    const auto stored = [&] {
        return shop.database.sql("SELECT p.status || ' ' || l.status FROM products p JOIN "
                                 "product_labels l ON l.product_id = p.id WHERE p.id = '" +
                                 id + "'");
    };
    CHECK(stored() == "2 2");
    CHECK(shop.patch(id, R"({"version":1,"publishedAt":"2999-01-01T00:00:00Z"})").has_value());
    CHECK(stored() == "4 4");
    // A replacement that does not name it leaves it, and so does one that names what it is.
    CHECK(shop.replace(id, R"({"version":2,"name":"B","price":5,"tags":["t"]})").has_value());
    CHECK(stored() == "4 4");
    CHECK(shop.patch(id, R"({"version":3,"status":"draft"})").has_value());
    CHECK(stored() == "1 1");
    let_come(shop);
    CHECK(published(shop) == 0);
    CHECK(shop.patch(id, R"({"version":4,"status":"active"})").has_value());
    CHECK(stored() == "4 4");
    CHECK(shop.patch(id, R"({"version":5,"publishedAt":null})").has_value());
    CHECK(stored() == "2 2");
    const auto now = shop.find(id);
    REQUIRE(now->fields.published_at.has_value());
    CHECK(*now->fields.published_at <= system_clock().wall());
    CHECK(shop.patch(id, R"({"version":6,"publishedAt":"2020-02-02T02:02:02Z"})").has_value());
    CHECK(stored() == "2 2");
    std::string wire;
    append_product(wire, *shop.find(id));
    CHECK(json::parse(wire)["publishedAt"] == "2020-02-02T02:02:02.000Z");
    CHECK(read_product(R"({"name":"A","price":1,"publishedAt":"soon"})", form::create).has_error());
    const auto past = shop.made(R"({"name":"C","price":1,"publishedAt":"2020-01-01T00:00:00Z"})");
    CHECK(past["publishedAt"] == "2020-01-01T00:00:00.000Z");
    CHECK(is_public(*shop.find(id_of(past))));
}

TEST_CASE("goods that PostgreSQL published stay public, however far this node's clock is behind")
{
    catalogue shop;
    const auto id = id_of(shop.made(R"({"name":"A","price":5})"));
    const auto status = [&] {
        return shop.database.sql("SELECT status FROM products WHERE id = '" + id + "'");
    };
    shop.database.sql("UPDATE products SET published_at = now() + interval '1 hour'");
    CHECK(shop.patch(id, R"({"version":1,"price":6})").has_value());
    CHECK(status() == "2");
    CHECK(shop.patch(id, R"({"version":2,"publishedAt":"2999-01-01T00:00:00Z"})").has_value());
    CHECK(shop.patch(id, R"({"version":3,"price":7})").has_value());
    CHECK(status() == "4");
}

TEST_CASE("edits of different fields around a publication merge")
{
    catalogue shop;
    const auto id = id_of(shop.made(R"({"name":"A","price":5,"status":"draft"})"));
    CHECK(shop.patch(id, R"({"version":1,"status":"active"})").has_value());
    CHECK(shop.patch(id, R"({"version":1,"publishedAt":"2999-01-01T00:00:00Z"})").has_error());
    CHECK(shop.patch(id, R"({"version":1,"price":6})").has_value());
    CHECK(shop.find(id)->fields.status == status::active);
}

TEST_CASE("a slug made from a name leaves old slugs to the goods they lead to")
{
    catalogue shop;
    const auto first = id_of(shop.made(R"({"name":"Áo","price":1})"));
    CHECK(shop.patch(first, R"({"version":1,"slug":"ao-moi"})").has_value());
    CHECK(shop.made(R"({"name":"Áo","price":1})")["slug"] == "ao-2");
    const auto found = shop.io.wait([&]() -> task<result<store::seen<product_service::by_slug>>> {
        return shop.products.find_by_slug("ao");
    });
    CHECK(found->value.what->id == first);
    CHECK(found->value.present_slug == "ao-moi");
    CHECK(shop.made(R"({"name":"B","price":1,"slug":"ao"})")["slug"] == "ao");
}

TEST_CASE("an imported name leaves old slugs alone, too")
{
    shop_with_imports shop;
    const auto first = id_of(shop.made(R"({"name":"Áo","price":1})"));
    CHECK(shop.patch(first, R"({"version":1,"slug":"ao-moi"})").has_value());
    CHECK(shop.done("sku,name,price\nA,Áo,1\nB,Áo,1\n").created == 2);
    CHECK(shop.database.sql("SELECT string_agg(slug, ' ' ORDER BY slug) FROM products") ==
          "ao-2 ao-3 ao-moi");
}

TEST_CASE(
    "the audit log says what a product was, what an edit changed, and that there was an import")
{
    shop_with_imports shop;
    const auto made =
        shop.made(R"({"name":"A","price":5,"sku":"A","variants":[{"attributes":{"s":"M"}},
        {"sku":"A-L","attributes":{"s":"L"}}]})");
    CHECK(
        details(shop, "product.create") ==
        json::parse(R"({"name":"A","sku":"A","slug":"a","price":5,"currency":"VND","category":null,
                         "subcategory":null,"status":"active"})"));
    const std::string long_text(400, 'x');
    CHECK(
        shop.patch(
                id_of(made),
                R"({"version":1,"description":")" + long_text +
                    R"(","images":[{"url":"/1.jpg"}],"variants":[{"sku":"A","attributes":{"s":"M"}},
        {"sku":"A-L","attributes":{"s":"L"},"price":7}]})")
            .has_value());
    const auto edit = details(shop, "product.update");
    CHECK(edit["description"]["from"] == "");
    CHECK(edit["description"]["to"] == std::string(300, 'x') + "...");
    CHECK(edit["images"]["from"] == json::array());
    CHECK(edit["images"]["to"][0]["url"] == "/1.jpg");
    REQUIRE(edit["variants"]["from"].size() == 1);
    CHECK(edit["variants"]["from"][0]["price"].is_null());
    CHECK(edit["variants"]["to"][0]["price"] == 7);
    import_options how;
    how.dry_run = true;
    const std::string file = "sku,name,price\nX,x,1\nY,,1\n";
    shop.done(file, how);
    CHECK(shop.database.sql("SELECT count(*) FROM audit_log WHERE action = 'product.import'") ==
          "0");
    shop.done(file);
    CHECK(details(shop, "product.import") ==
          json::parse(R"({"rows":2,"created":1,"updated":0,"unchanged":0,"failed":1})"));
    CHECK(shop.remove(id_of(made)).has_value());
    CHECK(details(shop, "product.delete")["name"] == "A");
}

TEST_CASE("categories that are not there are told with the faults of other fields")
{
    catalogue shop;
    const auto there = shop.category("Áo");
    product_change refused;
    const auto read = read_product(R"({"name":"","price":-1,"category":"none","subcategory":"ao"})",
                                   form::create, &refused);
    REQUIRE(read.has_error());
    CHECK(read.error().fields.size() == 2);
    auto faults = shop.io.wait([&]() -> task<result<std::vector<field_fault>>> {
        return shop.products.unknown_categories(refused);
    });
    REQUIRE(faults.has_value());
    CHECK(*faults == std::vector<field_fault>{{"/category", fault_code::unknown_category, {}}});
}
