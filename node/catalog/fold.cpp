#include "node/catalog/fold.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace kieng::catalog {
namespace {

struct folding {
    char16_t from;
    const char* to;
};
constexpr folding kTable[] = {
#include "node/catalog/fold_table.inc"
};

struct code_point {
    char32_t value;
    std::size_t bytes;
};

// REQUIRES: well-formed UTF-8 at `at`.
code_point decode(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
    const std::uint8_t first = byte(0);
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (bytes == 1 || at + bytes > text.size()) return {first, 1};
    char32_t value = first & (0xFFu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) value = (value << 6) | (byte(i) & 0x3Fu);
    return {value, bytes};
}

bool is_combining(char32_t c) noexcept
{
    return c >= 0x0300 && c <= 0x0362;
}

struct stretch_of_characters {
    char32_t first, last;
};

// Unicode's Default_Ignorable_Code_Point and the blanks that are no white space (Hangul fillers, the empty Braille pattern).
constexpr std::array<stretch_of_characters, 19> kShapeless{{{0x00, 0x1F},
                                                            {0x7F, 0x9F},
                                                            {0xAD, 0xAD},
                                                            {0x034F, 0x034F},
                                                            {0x061C, 0x061C},
                                                            {0x115F, 0x1160},
                                                            {0x17B4, 0x17B5},
                                                            {0x180B, 0x180F},
                                                            {0x200B, 0x200F},
                                                            {0x202A, 0x202E},
                                                            {0x2060, 0x206F},
                                                            {0x2800, 0x2800},
                                                            {0x3164, 0x3164},
                                                            {0xFE00, 0xFE0F},
                                                            {0xFEFF, 0xFEFF},
                                                            {0xFFA0, 0xFFA0},
                                                            {0xFFF0, 0xFFFB},
                                                            {0x1D173, 0x1D17A},
                                                            {0xE0000, 0xE0FFF}}};

bool has_no_shape(char32_t c) noexcept
{
    return std::any_of(kShapeless.begin(), kShapeless.end(),
                       [c](const auto& s) { return c >= s.first && c <= s.last; });
}

bool is_space(char32_t c) noexcept
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool is_alnum(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Letters and digits, and everything that is not ASCII.
bool is_wordy(char c) noexcept
{
    return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

void append_escaped(std::string& out, std::string_view text)
{
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
}

}  // namespace

std::string fold(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [c, bytes] = decode(text, at);
        if (c < 0x80) {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
        } else if (!is_combining(c)) {
            const auto* found =
                c > 0xFFFF
                    ? std::end(kTable)
                    : std::lower_bound(std::begin(kTable), std::end(kTable), c,
                                       [](const folding& f, char32_t v) { return f.from < v; });
            if (found != std::end(kTable) && found->from == c)
                out += found->to;
            else
                out.append(text, at, bytes);
        }
        at += bytes;
    }
    return out;
}

std::string slugify(std::string_view text, std::size_t max_bytes)
{
    std::string out;
    for (const char c : fold(text)) {
        if (is_alnum(c))
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    if (out.size() > max_bytes) out.resize(max_bytes);
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

std::vector<std::string> words_of(std::string_view question)
{
    std::vector<std::string> out;
    const std::string folded = fold(question);
    std::string word;
    const auto keep = [&] {
        if (word.empty()) return;
        out.erase(std::remove(out.begin(), out.end(), word), out.end());
        out.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t at = 0; at < folded.size();) {
        const auto [c, bytes] = decode(folded, at);
        if (is_space(c) || !is_wordy(folded[at]) || c == 0x7F)
            keep();
        else
            word.append(folded, at, bytes);
        at += bytes;
    }
    keep();
    return out;
}

std::string whole_word_pattern(std::string_view word)
{
    std::string out = "% ";
    append_escaped(out, word);
    return out + " %";
}

std::string word_part_pattern(std::string_view word)
{
    return (utf8_length(word) < 3 ? "% " : "%") + like_prefix(word);
}

std::string like_prefix(std::string_view beginning)
{
    std::string out;
    append_escaped(out, beginning);
    return out + '%';
}

std::string lexeme_query(const std::vector<std::string>& lexemes)
{
    std::string out;
    for (const auto& lexeme : lexemes) {
        out += out.empty() ? "'" : " & '";
        for (const char c : lexeme) {
            if (c == '\'' || c == '\\') out += c;
            out += c;
        }
        out += '\'';
    }
    return out;
}

bool has_visible(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size();) {
        const auto [c, bytes] = decode(text, at);
        if (!is_space(c) && !has_no_shape(c)) return true;
        at += bytes;
    }
    return false;
}

std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto [c, bytes] = decode(text, 0);
        if (!is_space(c)) break;
        text.remove_prefix(bytes);
    }
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && (static_cast<std::uint8_t>(text[last]) & 0xC0u) == 0x80u) --last;
        if (!is_space(decode(text, last).value)) break;
        text.remove_suffix(text.size() - last);
    }
    return text;
}

bool may_be_decomposed(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size();) {
        const auto [c, bytes] = decode(text, at);
        // Below the combining marks nothing changes; of what lies above, the blocks a shop writes in are composed already.
        if (c >= 0x0300 && !(c >= 0x1EA0 && c <= 0x1EF9) && !(c >= 0x2010 && c <= 0x2027) &&
            !(c >= 0x20A0 && c <= 0x20BF))
            return true;
        at += bytes;
    }
    return false;
}

}  // namespace kieng::catalog
