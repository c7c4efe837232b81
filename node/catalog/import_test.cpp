#include "node/catalog/catalog.hpp"
#include "node/catalog/csv_routes.hpp"
#include "node/catalog/testing.hpp"

#include <fstream>
#include <sstream>

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::catalogue;
using kieng::catalog::testing::json;
using texts = std::vector<std::string>;

namespace {

struct shop_with_imports : catalogue {
    import_service imports{db, work, editor, categories};

    result<import_report> read(std::string text, import_options how = {}, std::size_t piece = 1'000)
    {
        auto at = std::make_shared<std::size_t>(0);
        auto body = std::make_shared<std::string>(std::move(text));
        import_service::source from = [=]() -> task<result<std::string>> {
            std::string out = *at < body->size() ? body->substr(*at, piece) : std::string();
            *at += out.size();
            co_return out;
        };
        return io.wait(
            [&]() -> task<result<import_report>> { return imports.import_csv({}, from, how); });
    }
    import_report done(std::string text, import_options how = {}, std::size_t piece = 1'000)
    {
        auto got = read(std::move(text), how, piece);
        REQUIRE(got.has_value());
        return *std::move(got);
    }
    std::string exported(product_filter filter = {})
    {
        if (filter.statuses.empty())
            filter.statuses = {status::draft, status::active, status::archived};
        std::string out, after;
        append_csv_header(out);
        while (true) {
            auto part = io.wait([&]() -> task<result<import_service::export_part>> {
                return imports.export_csv(filter, after);
            });
            REQUIRE(part.has_value());
            if (part->last_id.empty()) return out;
            out += part->lines;
            after = part->last_id;
        }
    }
};

std::string file(const std::string& name)
{
    std::ifstream in(std::string(KIENG_SOURCE_DIR) + "/data/demo/" + name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

texts counts(const import_report& r)
{
    return {std::to_string(r.rows), std::to_string(r.created), std::to_string(r.updated),
            std::to_string(r.unchanged), std::to_string(r.failed)};
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

TEST_CASE("a file that cannot be read on stops the import; one without a header is refused")
{
    shop_with_imports shop;
    const auto report = shop.done("sku,name,price\nA,a,1\nB,\xC3\x28,1\nC,c,1\n");
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
