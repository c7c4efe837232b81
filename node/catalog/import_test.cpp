#include "node/catalog/catalog.hpp"
#include "node/catalog/csv_routes.hpp"
#include "node/catalog/import_testing.hpp"

#include <fstream>
#include <sstream>
#include <thread>

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::counts;
using kieng::catalog::testing::errors;
using kieng::catalog::testing::json;
using kieng::catalog::testing::shop_with_imports;
using texts = std::vector<std::string>;

namespace {

std::string file(const std::string& name)
{
    std::ifstream in(std::string(KIENG_SOURCE_DIR) + "/data/demo/" + name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

}  // namespace

TEST_CASE("the demo catalogue imports, imports again unchanged, and comes back from its export")
{
    shop_with_imports shop;
    import_options how;
    how.create_categories = true;
    const auto first = shop.done(file("vietnamese.csv"), how);
    CHECK(counts(first) == texts{"62", "62", "0", "0", "0"});
    CHECK(first.errors.empty());
    const auto head = shop.database.sql("SELECT pos FROM cluster_head");
    CHECK(counts(shop.done(file("vietnamese.csv"), {}, 7)) == texts{"62", "0", "0", "62", "0"});
    CHECK(shop.database.sql("SELECT pos FROM cluster_head") == head);
    CHECK(shop.search("ao so mi").size() >= 3);
    const auto out = shop.exported();
    CHECK(counts(shop.done(out)) == texts{"62", "0", "0", "62", "0"});
    shop.database.sql("DELETE FROM products; DELETE FROM product_labels");
    CHECK(counts(shop.done(out)) == texts{"62", "62", "0", "0", "0"});
    CHECK(shop.exported() == out);
}

TEST_CASE("the large demo file imports in batches, and a dry run of it changes nothing")
{
    shop_with_imports shop;
    import_options how;
    how.create_categories = true;
    how.dry_run = true;
    CHECK(counts(shop.done(file("products.csv"), how, 65'536)) ==
          texts{"3938", "3938", "0", "0", "0"});
    CHECK(shop.database.sql("SELECT count(*) FROM products") == "0");
    CHECK(shop.database.sql("SELECT count(*) FROM categories") == "0");
    how.dry_run = false;
    CHECK(counts(shop.done(file("products.csv"), how, 65'536)) ==
          texts{"3938", "3938", "0", "0", "0"});
    CHECK(counts(shop.done(file("products.csv"), how, 65'536)) ==
          texts{"3938", "0", "0", "3938", "0"});
}

TEST_CASE("a faulty line is told by row and column, and the others go in")
{
    shop_with_imports shop;
    shop.made(R"({"name":"Có sẵn","price":1,"sku":"OLD","status":"archived","slug":"taken"})");
    const auto report = shop.done("sku,name,price,compareAtPrice,category,barcode,status,slug\r\n"
                                  "A,Áo,5,,,1,,\r\n"
                                  ",Áo,5,,,,,\r\n"
                                  "B,,x,,,,,\r\n"
                                  "C,Áo,5,5,,,,\r\n"
                                  "D,Áo,5,,none,,,\r\n"
                                  "E,Áo,5,,,1,,\r\n"
                                  "F,Áo,5,,,,,taken\r\n"
                                  "OLD,Có sẵn,1,,,,draft,\r\n"
                                  "G,\"a\"b,5,,,,,\r\n"
                                  "A,Áo mới,6,,,1,,\r\n");
    CHECK(counts(report) == texts{"10", "1", "1", "0", "8"});
    const auto got = json::parse(import_report_json(report, http::language::en));
    texts found;
    for (const auto& e : got["errors"])
        found.push_back(std::to_string(e["row"].get<int>()) + " " +
                        (e["field"].is_null() ? "-" : e["field"].get<std::string>()) + " " +
                        e["code"].get<std::string>());
    CHECK(found == texts{"2 sku required", "3 name required", "3 price wrong_type",
                         "4 compareAtPrice not_above_price", "5 category unknown_category",
                         "6 barcode barcode_taken", "7 slug slug_taken",
                         "8 status status_transition_refused", "9 - bad_row"});
    CHECK(shop.database.sql("SELECT name FROM products WHERE sku = 'A'") == "Áo mới");
}

TEST_CASE("onError=stop ends at the first faulty line and keeps the lines before")
{
    shop_with_imports shop;
    import_options how;
    how.stop_on_error = true;
    const auto report = shop.done("sku,name,price\nA,a,1\nB,b,x\nC,c,1\n", how);
    CHECK(report.stopped);
    CHECK(counts(report) == texts{"2", "1", "0", "0", "1"});
    CHECK(shop.database.sql("SELECT count(*) FROM products") == "1");
}

TEST_CASE("bytes that are no text cost their line and no other")
{
    shop_with_imports shop;
    const std::string nul(1, '\0');
    const auto report = shop.done("sku,name,price\nA,a,1\nB,\xC3\x28,1\nC,c" + nul + ",1\nD,d,1\n");
    CHECK(!report.stopped);
    CHECK(counts(report) == texts{"4", "2", "0", "0", "2"});
    CHECK(errors(report) == texts{"2 bad_utf8", "3 bad_format"});
}

TEST_CASE("a file that cannot be read on stops the import; one without a header is refused")
{
    shop_with_imports shop;
    const auto report = shop.done("sku,name,price\nA,a,1\nB,\"b,1\nC,c,1\n");
    CHECK(report.stopped);
    CHECK(counts(report) == texts{"2", "1", "0", "0", "1"});
    for (const char* bad : {"", "\n", "name,price\na,1\n", "sku,x\n", "\xC3\x28\n"}) {
        CAPTURE(bad);
        const auto refused = shop.read(bad);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::csv_invalid);
    }
}

TEST_CASE("errors are capped and say so")
{
    shop_with_imports shop;
    std::string text = "sku,name,price\n";
    for (int i = 0; i < 1'100; ++i) text += "S" + std::to_string(i) + ",,1\n";
    const auto report = shop.done(text);
    CHECK(report.failed == 1'100);
    CHECK(report.errors.size() == 1'000);
    CHECK(report.truncated);
}

TEST_CASE(
    "an absent column leaves a field, an empty cell clears it, and other variants and images stay")
{
    shop_with_imports shop;
    const auto made =
        shop.made(R"({"name":"A","price":5,"sku":"A","tags":["t"],"brand":"b","description":"d",
        "images":[{"url":"/1"},{"url":"/2","isPrimary":true}],"variants":[{"barcode":"1"},{"sku":"A-L","attributes":{"s":"L"}}]})");
    CHECK(counts(shop.done("sku,price,brand,imageUrl\nA,6,,/3\nA-L,7,,\n")) ==
          texts{"2", "0", "1", "0", "1"});
    const auto p = shop.find(made["id"].get<std::string>());
    CHECK(p->fields.price == 6);
    CHECK(!p->fields.brand.has_value());
    CHECK(p->fields.tags == texts{"t"});
    CHECK(p->fields.variants.size() == 2);
    CHECK(p->fields.variants[0].barcode == "1");
    CHECK(p->fields.images.size() == 2);
    CHECK(p->fields.images[1].url == "/3");
}

TEST_CASE("categories are made from slugs and names, once, when that is wanted")
{
    shop_with_imports shop;
    import_options how;
    how.create_categories = true;
    CHECK(
        shop.done(
                "sku,name,price,category,subcategory\nA,a,1,Thời trang/Áo,Dài\nB,b,1,thời trang/áo,dai\nC,c,1,thoi-trang,ao\n",
                how)
            .created == 3);
    CHECK(shop.database.sql("SELECT string_agg(path, ' ' ORDER BY path) FROM categories") ==
          "thoi-trang thoi-trang/ao thoi-trang/ao/dai");
    CHECK(shop.done("sku,name,price,category\nD,d,1,new\n").failed == 1);
}

TEST_CASE("lines of one batch that hang on each other come out as if each were alone")
{
    shop_with_imports shop;
    shop.made(R"({"name":"P","price":1,"sku":"P","variants":[{"barcode":"1"}]})");
    // A SKU twice, a barcode that moves, one name three times, a slug that a line before has, faults between them.
    const auto report = shop.done("sku,name,price,barcode,slug\n"
                                  "A,Áo,5,,\n"
                                  "B,Áo,6,,\n"
                                  "C,,7,,\n"
                                  "A,Áo mới,8,,\n"
                                  "P,P,1,2,\n"
                                  "D,D,1,1,\n"
                                  "E,E,1,2,\n"
                                  "F,Áo,1,,ao-2\n"
                                  "G,Áo,1,,\n"
                                  "H,H,x,,\n"
                                  "I,I,1,,i\n"
                                  "J,J,1,,i\n");
    CHECK(counts(report) == texts{"12", "5", "2", "0", "5"});
    texts wrong;
    for (const auto& e : report.errors)
        wrong.push_back(std::to_string(e.row) + " " + std::string(name_of(e.what.code)));
    CHECK(wrong ==
          texts{"3 required", "7 barcode_taken", "8 slug_taken", "10 wrong_type", "12 slug_taken"});
    CHECK(
        shop.database.sql("SELECT string_agg(sku || '=' || slug || '=' || name, ' ' ORDER BY sku) "
                          "FROM products") == "A=ao=Áo mới B=ao-2=Áo D=d=D G=ao-3=Áo I=i=I P=p=P");
    CHECK(shop.database.sql("SELECT string_agg(sku || barcode, ' ' ORDER BY sku) FROM variants "
                            "WHERE barcode IS NOT NULL") == "D1 P2");
}

TEST_CASE("an import of new prices keeps versions, price history, audit lines and announcements")
{
    shop_with_imports shop;
    std::string first = "sku,name,price,tags,brand\n", second = first;
    for (int i = 0; i < 450; ++i) {
        const auto n = std::to_string(i);
        first += "S" + n + ",Hàng " + n + ",1000,a|b,x\n";
        second += "S" + n + ",Hàng " + n + (i % 3 == 0 ? ",2000,a|c,y\n" : ",1000,a|b,x\n");
    }
    CHECK(shop.done(first).created == 450);
    CHECK(counts(shop.done(second)) == texts{"450", "0", "150", "300", "0"});
    const auto count = [&](const std::string& of) {
        return shop.database.sql("SELECT count(*) FROM " + of);
    };
    CHECK(count("product_versions WHERE version = 1 AND product->>'price' = '1000'") == "150");
    CHECK(count("price_history WHERE old_price = 1000 AND new_price = 2000") == "150");
    CHECK(count("audit_log WHERE action = 'product.update'") == "150");
    CHECK(count("audit_log WHERE action = 'product.create'") == "450");
    CHECK(count("outbox WHERE entity = 'product'") == "600");
    CHECK(count("product_labels WHERE name = 'c'") == "150");
    CHECK(count("product_labels WHERE name = 'b'") == "300");
    CHECK(count("products WHERE version = 2 AND price_version = 2 AND brand = 'y'") == "150");
    CHECK(count("product_search WHERE labels LIKE '% c %' AND labels NOT LIKE '% b %'") == "150");
}

TEST_CASE("a price-only edit leaves what searches look at as it was")
{
    shop_with_imports shop;
    const auto made = shop.made(R"({"name":"Áo sơ mi","price":5,"sku":"A","tags":["t"]})");
    // From here on nothing can be folded: whoever writes a text column fails.
    shop.database.sql(
        "CREATE OR REPLACE FUNCTION vn_fold(value text) RETURNS text LANGUAGE plpgsql "
        "IMMUTABLE STRICT AS $$BEGIN RAISE EXCEPTION 'folded'; END$$");
    const auto id = made["id"].get<std::string>();
    CHECK(shop.patch(id, R"({"version":1,"price":6})").has_value());
    CHECK(shop.patch(id, R"({"version":2,"seo":{"title":"Áo"}})").has_value());
    CHECK(shop.patch(id, R"({"version":3,"name":"Áo khác"})").has_error());
    CHECK(shop.database.sql("SELECT price || name FROM products") == "6Áo sơ mi");
}

TEST_CASE("an import and people who edit the same goods lose nothing of each other")
{
    shop_with_imports shop;
    std::string first = "sku,name,price\n", second = first;
    for (int i = 0; i < 100; ++i) {
        const auto n = std::to_string(i);
        first += "S" + n + ",Hàng,1\n";
        second += "S" + n + ",Hàng,2\n";
    }
    CHECK(shop.done(first).created == 100);
    texts ids;
    for (int i = 0; i < 100; ++i)
        ids.push_back(
            shop.database.sql("SELECT id FROM products WHERE sku = 'S" + std::to_string(i) + "'"));
    std::thread editor([&] {
        for (const auto& id : ids) {
            const auto done = shop.patch(id, R"({"version":1,"brand":"Nhà"})");
            CHECK(done.has_value());
        }
    });
    const auto report = shop.done(second, {}, 300);
    editor.join();
    CHECK(report.updated == 100);
    CHECK(shop.database.sql("SELECT count(*) FROM products WHERE price = 2 AND brand = 'Nhà' AND "
                            "version = 3") == "100");
    CHECK(shop.database.sql("SELECT count(*) FROM product_versions") == "200");
}

TEST_CASE("two imports of one file at once make each product once")
{
    shop_with_imports shop;
    std::string text = "sku,name,price\n";
    for (int i = 0; i < 300; ++i) text += "S" + std::to_string(i) + ",Cùng tên,1\n";
    import_report one, two;
    std::thread other([&] { two = shop.done(text); });
    one = shop.done(text);
    other.join();
    CHECK(one.failed + two.failed == 0);
    CHECK(one.created + two.created == 300);
    CHECK(one.unchanged + two.unchanged == 300);
    CHECK(shop.database.sql("SELECT count(DISTINCT slug) FROM products") == "300");
}

TEST_CASE("connections that break amid an import cost nothing but time")
{
    shop_with_imports shop;
    std::string text = "sku,name,price\n";
    for (int i = 0; i < 2'000; ++i)
        text += "S" + std::to_string(i) + ",Hàng " + std::to_string(i) + ",1\n";
    import_report report;
    std::thread importing([&] { report = shop.done(text, {}, 4'000); });
    for (int cut = 0; cut < 3; ++cut) {
        const int floor = 200 * (cut + 1);
        CHECK(store::testing::eventually([&] {
            return std::stoi(shop.database.sql("SELECT count(*) FROM products")) >= floor;
        }));
        shop.database.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                          "datname = current_database() AND pid <> pg_backend_pid()");
    }
    importing.join();
    CHECK(!report.broken.has_value());
    CHECK(counts(report) == texts{"2000", "2000", "0", "0", "0"});
    CHECK(shop.database.sql("SELECT count(*) FROM outbox") == "2000");
}

TEST_CASE("a line that the database will not take harms no other")
{
    shop_with_imports shop;
    shop.database.sql("ALTER TABLE products ADD CHECK (sku <> 'S13')");
    std::string text = "sku,name,price\n";
    for (int i = 0; i < 40; ++i) text += "S" + std::to_string(i) + ",Hàng,1\n";
    const auto report = shop.done(text);
    CHECK(counts(report) == texts{"40", "39", "0", "0", "1"});
    REQUIRE(report.errors.size() == 1);
    CHECK(report.errors.front().row == 14);
    CHECK(report.errors.front().what.code == fault_code::bad_row);
}
