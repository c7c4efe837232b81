#include "node/catalog/pg_text.hpp"

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

}  // namespace

std::vector<std::string> texts_of(std::string_view array)
{
    std::vector<std::string> out;
    if (array.size() < 2 || array.front() != '{') refuse("array", array);
    for (std::size_t at = 1; at < array.size() && array[at] != '}';) {
        std::string item;
        if (array[at] == '"') {
            for (++at; at < array.size() && array[at] != '"'; ++at) {
                if (array[at] == '\\') ++at;
                if (at < array.size()) item += array[at];
            }
            ++at;
        } else {
            const std::size_t end = array.find_first_of(",}", at);
            if (end == std::string_view::npos) refuse("array", array);
            item = array.substr(at, end - at);
            if (item == "NULL") item.clear();
            at = end;
        }
        out.push_back(std::move(item));
        if (at < array.size() && array[at] == ',') ++at;
    }
    return out;
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

}  // namespace kieng::catalog
