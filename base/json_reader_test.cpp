#include "base/json_reader.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;

TEST_CASE("a duplicate name is refused and named by its pointer")
{
    const auto value = parse_json(R"({"a":{"b":1,"b":2}})");
    REQUIRE(value.has_error());
    CHECK(value.error().code == errc::malformed_json);
    CHECK(value.error().fields.at(0).pointer == "/a/b");
}

TEST_CASE("only RFC 8259 is JSON")
{
    for (const char* text : {"", "{", "[1,]", "NaN", "1e999", "{} x", "\"\\ud800\"",
                             "\"a\\u0000b\"", "01", "'a'", "[1 2]", "{\"a\\u0000\":1}",
                             "\xEF\xBB\xBF{}", "\"\xC0\x80\"", "// c\n1", "-", "\"\t\""}) {
        CAPTURE(text);
        const auto value = parse_json(text);
        REQUIRE(value.has_error());
        CHECK(value.error().code == errc::malformed_json);
    }
}

TEST_CASE("a NUL behind the value is not the end of the text")
{
    CHECK(parse_json(std::string_view("{}\0", 3)).has_error());
}

TEST_CASE("a required field that is null is told from one that is missing")
{
    const auto read = read_json_object(R"({"a":null})", [](object_reader& o) {
        o.integer("a", object_reader::need::required, 0, 1);
        o.integer("b", object_reader::need::required, 0, 1);
    });
    REQUIRE(read.has_error());
    const std::vector<field_fault> expected{{"/a", fault_code::not_null, ""},
                                            {"/b", fault_code::required, ""}};
    CHECK(read.error().fields == expected);
}

TEST_CASE("depth is bounded without recursion")
{
    CHECK(parse_json(std::string(32, '[') + std::string(32, ']')).has_value());
    CHECK(parse_json(std::string(33, '[') + std::string(33, ']')).has_error());
    CHECK(parse_json(std::string(1'000'000, '[')).has_error());
}

TEST_CASE("all faults of an object come at once, each with its pointer")
{
    const auto read =
        read_json_object(R"({"name":"","price":-1,"extra":1,"tags":["a",7],"seo":{"titel":"x"}})",
                         [](object_reader& o) {
                             using need = object_reader::need;
                             o.text("name", need::required, {.min = 1, .max = 10});
                             o.integer("price", need::required, 0, 100);
                             o.texts("tags", need::optional, 5, {.min = 1, .max = 5});
                             o.text("sku", need::required);
                             o.object("seo", need::optional, [](object_reader& seo) {
                                 seo.text("title", need::optional);
                             });
                         });
    REQUIRE(read.has_error());
    CHECK(read.error().code == errc::validation_failed);
    const std::vector<field_fault> expected{{"/name", fault_code::too_short, "1..10"},
                                            {"/price", fault_code::out_of_range, "0..100"},
                                            {"/tags/1", fault_code::wrong_type, "string"},
                                            {"/sku", fault_code::required, ""},
                                            {"/seo/titel", fault_code::unknown, ""},
                                            {"/extra", fault_code::unknown, ""}};
    CHECK(read.error().fields == expected);
}

TEST_CASE("a number with a fraction or beyond 64 bits is no integer")
{
    const auto read =
        read_json_object(R"({"a":1.5,"b":9223372036854775808,"c":1e3})", [](object_reader& o) {
            using need = object_reader::need;
            CHECK(!o.integer("a", need::required, 0, 10));
            CHECK(!o.integer("b", need::required, 0, 10));
            CHECK(!o.integer("c", need::required, 0, 10));
        });
    REQUIRE(read.has_error());
    CHECK(read.error().fields.size() == 3);
    CHECK(read.error().fields.at(1).code == fault_code::out_of_range);
}
