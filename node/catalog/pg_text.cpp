#include "node/catalog/pg_text.hpp"

#include "base/encoding.hpp"

#include <charconv>
#include <stdexcept>

namespace kieng::catalog {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view text)
{
    throw std::runtime_error("not a " + std::string(what) + " of PostgreSQL: " + std::string(text));
}

// Digits [from, from + count) of a time stamp.
int digits(std::string_view text, std::size_t from, std::size_t count)
{
    int value = 0;
    if (from + count > text.size()) refuse("time", text);
    for (std::size_t i = from; i < from + count; ++i) {
        if (text[i] < '0' || text[i] > '9') refuse("time", text);
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// Calls f with each text of an array; the view is good during the call.
template <class F>
void each_text(std::string_view array, F f)
{
    if (array.size() < 2 || array.front() != '{') refuse("array", array);
    std::string unescaped;
    for (std::size_t at = 1; at < array.size() && array[at] != '}';) {
        if (array[at] == '"') {
            const std::size_t plain = array.find_first_of("\"\\", ++at);
            if (plain == std::string_view::npos) refuse("array", array);
            if (array[plain] == '"') {
                f(array.substr(at, plain - at));
                at = plain + 1;
            } else {
                unescaped.clear();
                for (; at < array.size() && array[at] != '"'; ++at) {
                    if (array[at] == '\\') ++at;
                    if (at < array.size()) unescaped += array[at];
                }
                ++at;
                f(unescaped);
            }
        } else {
            const std::size_t end = array.find_first_of(",}", at);
            if (end == std::string_view::npos) refuse("array", array);
            const auto item = array.substr(at, end - at);
            f(item == "NULL" ? std::string_view() : item);
            at = end;
        }
        if (at < array.size() && array[at] == ',') ++at;
    }
}

}  // namespace

std::vector<std::string> texts_of(std::string_view array)
{
    std::vector<std::string> out;
    each_text(array, [&](std::string_view item) { out.emplace_back(item); });
    return out;
}

void append_json_texts(std::string& out, std::string_view array)
{
    out += '[';
    bool first = true;
    each_text(array, [&](std::string_view item) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, item);
    });
    out += ']';
}

void append_json_time(std::string& out, std::string_view text)
{
    // Nearly always a session in UTC, whose bytes need rearranging only: 2026-11-20 12:00:00[.123456]+00
    constexpr std::size_t kSeconds = 19;
    const bool utc = text.size() >= kSeconds + 3 && text.substr(text.size() - 3) == "+00" &&
                     text[10] == ' ' && (text[kSeconds] == '.' || text[kSeconds] == '+');
    if (!utc) {
        out += '"' + to_wire_time(time_of(text)) + '"';
        return;
    }
    out += '"';
    out.append(text, 0, 10);
    out += 'T';
    out.append(text, 11, 8);
    char fraction[] = ".000Z\"";
    for (std::size_t i = 1; i <= 3; ++i) {
        const char digit = text[kSeconds + i];
        if (text[kSeconds] != '.' || digit == '+') break;
        fraction[i] = digit;
    }
    out += fraction;
}

wall_time time_of(std::string_view text)
{
    using namespace std::chrono;
    const auto day =
        year_month_day{year{digits(text, 0, 4)}, month{static_cast<unsigned>(digits(text, 5, 2))},
                       std::chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
    wall_time at = sys_days{day} + hours{digits(text, 11, 2)} + minutes{digits(text, 14, 2)} +
                   seconds{digits(text, 17, 2)};
    std::size_t next = 19;
    if (next < text.size() && text[next] == '.') {
        std::int64_t scale = 100'000;
        for (++next; next < text.size() && text[next] >= '0' && text[next] <= '9';
             ++next, scale /= 10)
            at += microseconds{(text[next] - '0') * scale};
    }
    if (next >= text.size() || (text[next] != '+' && text[next] != '-')) refuse("time", text);
    auto offset = seconds{hours{digits(text, next + 1, 2)}};
    if (next + 3 < text.size()) offset += minutes{digits(text, next + 4, 2)};
    return text[next] == '+' ? at - offset : at + offset;
}

std::int64_t number_of(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) refuse("number", text);
    return value;
}

void array_text::separate()
{
    if (text_.size() > 1) text_ += ',';
}

void array_text::add(std::string_view item)
{
    separate();
    text_ += '"';
    for (const char c : item) {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += '"';
}

void array_text::add(std::int64_t number)
{
    separate();
    text_ += std::to_string(number);
}

void array_text::add_null()
{
    separate();
    text_ += "NULL";
}

}  // namespace kieng::catalog
