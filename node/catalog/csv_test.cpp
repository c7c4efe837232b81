#include "node/catalog/csv.hpp"

#include "base/random.hpp"
#include "node/catalog/product_csv.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::catalog;
using texts = std::vector<std::string>;

namespace {

struct outcome {
    std::vector<csv_record> records;
    bool good = true;
};

// Reads a text in pieces of one size.
outcome read(std::string_view text, std::size_t piece)
{
    outcome out;
    csv_reader reader;
    const auto keep = [&](csv_record r) { out.records.push_back(std::move(r)); };
    for (std::size_t at = 0; at < text.size() && out.good; at += piece)
        out.good = reader.take(text.substr(at, piece), keep);
    if (out.good) out.good = reader.finish(keep);
    return out;
}

texts cells(std::string_view text)
{
    const auto got = read(text, 1'000);
    REQUIRE(got.good);
    REQUIRE(got.records.size() == 1);
    return got.records[0].cells;
}

}  // namespace

TEST_CASE("RFC 4180 is read, with either line break and a byte order mark")
{
    CHECK(cells("a,b,c\r\n") == texts{"a", "b", "c"});
    CHECK(cells("a,,\n") == texts{"a", "", ""});
    CHECK(cells("\"a,\"\"b\"\"\r\nc\",d") == texts{"a,\"b\"\r\nc", "d"});
    CHECK(cells("\xEF\xBB\xBF\"a\"\n") == texts{"a"});
    CHECK(cells("\"\"") == texts{""});
    CHECK(read("\n\r\n\n", 1).records.empty());
    CHECK(read("a\n\nb\n", 10).records.size() == 2);
}

TEST_CASE("a record with wrong quoting is marked, and the next one is read")
{
    for (const char* text : {"a\"b,c\nx,y\n", "\"a\"b,c\nx,y\n", "a\rb,c\nx,y\n"}) {
        CAPTURE(text);
        const auto got = read(text, 3);
        REQUIRE(got.good);
        REQUIRE(got.records.size() == 2);
        CHECK(got.records[0].wrong);
        CHECK(!got.records[1].wrong);
        CHECK(got.records[1].cells == texts{"x", "y"});
    }
}

TEST_CASE("bytes that are no text are cells like others, for their line to be refused alone")
{
    CHECK(cells("a,\xC3\x28\n") == texts{"a", "\xC3\x28"});
    CHECK(cells(std::string_view("a\0b\n", 4)) == texts{std::string("a\0b", 3)});
}

TEST_CASE("what never ends stops the reading")
{
    CHECK(!read("\"never closed", 1).good);
    CHECK(!read("\xEF\xBB", 1).good);
    CHECK(!read(std::string(csv_reader::kMaxRecordBytes + 1, 'x'), 4'096).good);
}

TEST_CASE("the size of the pieces changes nothing, whatever the bytes")
{
    seeded_random dice(7);
    constexpr std::string_view kAlphabet = "ab,\"\r\n\xC3\xA1\xEF\xBB\xBF ";
    for (int round = 0; round < 2'000; ++round) {
        std::string text;
        for (auto length = dice.below(40); length > 0; --length)
            text += kAlphabet[dice.below(kAlphabet.size())];
        CAPTURE(text);
        const auto whole = read(text, 1'000), bytes = read(text, 1);
        CHECK(whole.good == bytes.good);
        REQUIRE(whole.records.size() == bytes.records.size());
        for (std::size_t i = 0; i < whole.records.size(); ++i) {
            CHECK(whole.records[i].cells == bytes.records[i].cells);
            CHECK(whole.records[i].wrong == bytes.records[i].wrong);
        }
    }
}

TEST_CASE("what is written is read back")
{
    const texts odd{"", " a ", "a,b", "\"", "x\r\ny", "Áo", "'=1+1"};
    std::string line;
    append_csv(line, {odd.begin(), odd.end()});
    CHECK(cells(line) == odd);
}

TEST_CASE("the header line names known columns once, with sku among them")
{
    const auto header = [](texts names) { return read_csv_header({std::move(names), false}); };
    CHECK(header({"sku"}).has_value());
    CHECK(*header({"price", " sku "}) == csv_header{3, 0});
    for (auto bad : {texts{"name"}, texts{"sku", "sku"}, texts{"sku", "colour"}, texts{""}}) {
        const auto read_header = header(bad);
        REQUIRE(read_header.has_error());
        CHECK(read_header.error().code == errc::csv_invalid);
    }
}

TEST_CASE("a header line that is refused says which column it is about")
{
    const auto why = [](csv_record record) { return read_csv_header(record).error().detail; };
    CHECK(why({{"sku", "màu"}, false}).vi == "Dòng tiêu đề có cột lạ: màu.");
    CHECK(why({{"sku", "màu"}, false}).en == "The header line names an unknown column: màu.");
    CHECK(why({{"sku", "price", "sku"}, false}).en ==
          "The header line names the column sku twice.");
    CHECK(why({{"sku;name;price"}, false}).en == "Columns must be separated by commas.");
    CHECK(why({{"sku", ""}, false}).en == "The header line has a column without a name.");
    CHECK(why({{"sku", "\xC3\x28"}, false}).en == "The header line is not UTF-8.");
    const auto long_name = why({{"sku", std::string(39, 'x') + "áá"}, false}).en;
    CHECK(long_name == "The header line names an unknown column: " + std::string(39, 'x') + "....");
    CHECK(why({{"sku", "a\x1b[1m"}, false}).en ==
          "The header line names an unknown column: a?[1m.");
}

TEST_CASE("a line with bytes that are no text is refused with the columns that hold them")
{
    const csv_header header{0, 1, 3};
    const auto row = read_csv_row(header, {{"S", "\xC3\x28", std::string("5\0", 2)}, false});
    REQUIRE(row.faults.size() == 2);
    CHECK(row.faults[0].pointer == "name");
    CHECK(row.faults[0].code == fault_code::bad_utf8);
    CHECK(row.faults[1].pointer == "price");
    CHECK(row.faults[1].code == fault_code::bad_format);
}

TEST_CASE("a line becomes a change: absent leaves, empty clears, wrong is a fault of its column")
{
    const csv_header header{0, 1, 3, 5, 8, 9, 10, 11, 12, 13};
    const auto row = read_csv_row(
        header, {{"S", "Áo", "5", "", "a| b |", "", "893", "/i.jpg", "draft", ""}, false});
    CHECK(row.faults.empty());
    CHECK(row.sku == "S");
    CHECK(row.change.price == 5);
    CHECK(row.change.compare_at_price.has_value());
    CHECK(!row.change.compare_at_price->has_value());
    CHECK(*row.change.tags == texts{"a", "b"});
    CHECK(!row.change.brand->has_value());
    CHECK(**row.change.default_barcode == "893");
    CHECK(!row.change.slug.has_value());
    CHECK(!row.change.category.has_value());
    const auto wrong = read_csv_row(
        header,
        {{"", "", "1.5", "-1", "a|a", std::string(101, 'x'), "á", "x", "gone", "A"}, false});
    std::vector<std::pair<std::string, fault_code>> found;
    for (const auto& f : wrong.faults) found.emplace_back(f.pointer, f.code);
    using enum fault_code;
    CHECK(found == std::vector<std::pair<std::string, fault_code>>{{"sku", required},
                                                                   {"name", required},
                                                                   {"price", wrong_type},
                                                                   {"compareAtPrice", out_of_range},
                                                                   {"brand", too_long},
                                                                   {"barcode", bad_format},
                                                                   {"imageUrl", bad_format},
                                                                   {"tags", duplicate},
                                                                   {"status", not_one_of},
                                                                   {"slug", bad_format}});
    CHECK(read_csv_row(header, {{"S"}, false}).faults.at(0).code == bad_row);
}
