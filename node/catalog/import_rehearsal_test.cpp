#include "node/catalog/import_testing.hpp"

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::counts;
using kieng::catalog::testing::errors;
using kieng::catalog::testing::shop_with_imports;
using texts = std::vector<std::string>;

namespace {

// What a dry run says of a file, and what the import then does, is the same; returns the report.
import_report rehearsed(shop_with_imports& shop, const std::string& file, import_options how = {})
{
    const auto goods = [&] {
        return shop.database.sql("SELECT count(*) || ' ' || coalesce(sum(version), 0) FROM "
                                 "products") +
               shop.database.sql("SELECT count(*) FROM categories");
    };
    const auto before = goods();
    how.dry_run = true;
    const auto dry = shop.done(file, how);
    CHECK(goods() == before);
    how.dry_run = false;
    const auto real = shop.done(file, how);
    CHECK(counts(dry) == counts(real));
    CHECK(errors(dry) == errors(real));
    CHECK(dry.stopped == real.stopped);
    return real;
}

// `count` lines that have nothing to do with others, so that what stands around them is in different units of work.
std::string filler(int count, const std::string& rest, const std::string& stem)
{
    std::string out;
    for (int i = 0; i < count; ++i)
        out += stem + std::to_string(i) + ",Đệm " + stem + std::to_string(i) + ",1" + rest + "\n";
    return out;
}

}  // namespace

TEST_CASE("a dry run remembers the lines before one that the data refused")
{
    shop_with_imports shop;
    const auto codes = rehearsed(shop, "sku,name,price,barcode,slug\n"
                                       "x1,A,1,BC,sa\n"
                                       "x2,B,1,BC,sb\n"
                                       "x3,C,1,,sa\n");
    CHECK(errors(codes) == texts{"2 barcode_taken", "3 slug_taken"});
    const auto thrice =
        rehearsed(shop, "sku,name,price,barcode\ny1,A,1,BD\ny2,B,1,BD\ny3,C,1,BD\n");
    CHECK(errors(thrice) == texts{"2 barcode_taken", "3 barcode_taken"});
}

TEST_CASE("a dry run remembers lines of earlier units of work")
{
    shop_with_imports shop;
    const auto report = rehearsed(shop, "sku,name,price,barcode,slug\n"
                                        "a,A,1,BC,sa\n" +
                                            filler(250, ",,", "F") +
                                            "b,B,1,,sa\n"
                                            "c,C,1,BC,\n"
                                            "a,A,1,BC,sa\n"
                                            "a,A2,1,BC,\n" +
                                            filler(250, ",,", "G") +
                                            "a,A2,1,BC,sa\n"
                                            "a,A,1,,sa\n"
                                            "d,D,1,BC,\n");
    CHECK(errors(report) == texts{"252 slug_taken", "253 barcode_taken"});
    CHECK(counts(report) == texts{"508", "502", "2", "2", "2"});
}

TEST_CASE("a dry run knows what lines of earlier units gave up, and in which order")
{
    shop_with_imports shop;
    shop.made(R"({"name":"P","price":1,"sku":"P","slug":"p","variants":[{"barcode":"1"}]})");
    shop.made(R"({"name":"Q","price":1,"sku":"Q","slug":"q","variants":[{"barcode":"2"}]})");
    const std::string header = "sku,name,price,barcode,slug,status\n";
    const auto report =
        rehearsed(shop, header + "P,P,1,3,,\nQ,Q,1,1,,archived\n" + filler(220, ",,,", "F") +
                            "R,R,1,2,q-neu,\nP,P,2,3,,\n" + filler(220, ",,,", "G") +
                            "S,S,1,1,,\nT,T,1,2,,\nQ,Q,1,4,q2,active\nU,U,1,1,,\n"
                            "P,P,2,3,,\n");
    CHECK(errors(report) == texts{"445 barcode_taken", "446 barcode_taken"});
    CHECK(counts(report) == texts{"449", "442", "4", "1", "2"});
}

TEST_CASE("a dry run numbers slugs of one name over units as the import does")
{
    shop_with_imports shop;
    std::string text = "sku,name,price,slug\n";
    for (int i = 0; i < 450; ++i) text += "S" + std::to_string(i) + ",Áo,1,\n";
    const auto report =
        rehearsed(shop, text + "T1,Áo,1,ao\nT2,Áo,1,ao-450\nT3,Áo,1,ao-451\nT4,Áo,1,\n");
    CHECK(errors(report) == texts{"451 slug_taken", "452 slug_taken"});
    CHECK(shop.database.sql("SELECT slug FROM products WHERE sku = 'T4'") == "ao-452");
}

TEST_CASE(
    "a dry run makes the categories that later units name again, and stops where the import stops")
{
    shop_with_imports shop;
    import_options how;
    how.create_categories = true;
    std::string text = "sku,name,price,category,subcategory\n";
    for (int i = 0; i < 450; ++i) text += "S" + std::to_string(i) + ",Áo,1,Áo,Sơ mi\n";
    text += "S7,Áo,1,Áo,Sơ mi\nS8,Áo,1,ao,\n";
    CHECK(counts(rehearsed(shop, text, how)) == texts{"452", "450", "1", "1", "0"});
    how.stop_on_error = true;
    const auto stopped = rehearsed(shop, "sku,name,price,slug\nA,A,1,a\nB,B,1,a\nC,C,1,c\n", how);
    CHECK(stopped.stopped);
    CHECK(counts(stopped) == texts{"2", "1", "0", "0", "1"});
}
