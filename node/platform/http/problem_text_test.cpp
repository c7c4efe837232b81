// What answers say to people: something, in their language only.
#include "base/encoding.hpp"
#include "node/platform/http/fault_text.hpp"
#include "node/platform/http/problem_sentences.hpp"
#include "node/platform/http/problem_table.hpp"
#include "node/platform/http/response.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cctype>
#include <set>
#include <string>

using namespace kieng;
using namespace kieng::http;

namespace {

std::set<std::string> words_of(std::string_view text)
{
    std::set<std::string> out;
    std::string word;
    for (const char c : std::string(text) + ' ') {
        if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
            word += static_cast<char>(std::tolower(c));
        } else if (!word.empty()) {
            out.insert(word);
            word.clear();
        }
    }
    return out;
}

// English words that no Vietnamese sentence has.
void check_vietnamese(std::string_view text)
{
    CAPTURE(text);
    const auto words = words_of(text);
    for (const char* english :
         {"most",    "least", "characters", "integer", "string",  "printable", "example",
          "allowed", "and",   "or",         "between", "the",     "is",        "not",
          "with",    "array", "object",     "only",    "letters", "digits"})
        CHECK_FALSE(words.contains(english));
}

bool has_marks(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

nlohmann::json told(const failure& why, language in)
{
    request to;
    to.lang = in;
    return nlohmann::json::parse(problem(why, to).body);
}

}  // namespace

TEST_CASE("every failure says what is wrong, in both languages, each in one only")
{
    for (int i = 1; i <= static_cast<int>(kLastErrc); ++i) {
        const auto code = static_cast<errc>(i);
        CAPTURE(kieng::name_of(code));
        const auto vi = told(failure(code), language::vi), en = told(failure(code), language::en);
        for (const char* member : {"title", "detail"}) {
            const auto text_vi = vi.at(member).get<std::string>();
            const auto text_en = en.at(member).get<std::string>();
            check_vietnamese(text_vi);
            CHECK(has_marks(text_vi));
            CHECK(!has_marks(text_en));
        }
        CHECK(vi["detail"].get<std::string>().size() > vi["title"].get<std::string>().size() / 2);
        CHECK(en["detail"].get<std::string>().ends_with("."));
    }
    const auto key = told(failure(errc::idempotency_key_invalid), language::en);
    CHECK(key["detail"].get<std::string>().find("16 to 100") != std::string::npos);
}

TEST_CASE(
    "a failure's own sentence goes before the usual one, and bytes that are no text are not sent")
{
    CHECK(told(failure(errc::not_found, {"Không có.", "None."}), language::en)["detail"] ==
          "None.");
    CHECK(told(failure(errc::not_found, {"\xC3\x28", "\xC3\x28"}), language::en)["detail"] ==
          usual_detail(errc::not_found).en);
}

TEST_CASE("every fault says what would be right in the language of the answer")
{
    for (int i = 1; i <= static_cast<int>(kLastFaultCode); ++i) {
        const auto code = static_cast<fault_code>(i);
        CAPTURE(kieng::name_of(code));
        for (const char* allowed :
             {"", "1..200", "<= 20", "draft|active", "integer", "string", "object",
              "array of strings", "array of objects", "no control characters",
              "printable ASCII, no space at the ends", "14 cells",
              "a-z, 0-9 and single hyphens between them", "two capital letters", "together 50"}) {
            const field_fault fault{"/x", code, allowed};
            if (code != fault_code::sku_mismatch) check_vietnamese(fault_text(fault, language::vi));
            CHECK(has_marks(fault_text(fault, language::vi)));
            CHECK(!has_marks(fault_text(fault, language::en)));
            CHECK(allowed_text(fault, language::en) == allowed);
        }
    }
    const field_fault cells{"", fault_code::bad_row, "14 cells"};
    CHECK(allowed_text(cells, language::vi) == "14 ô");
    const field_fault type{"/price", fault_code::wrong_type, "integer"};
    CHECK(told(failure(errc::validation_failed, std::vector{type}),
               language::vi)["errors"][0]["allowed"] == "số nguyên");
}
