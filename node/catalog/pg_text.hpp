// PostgreSQL's text forms of values, read and written without its library. Pure, thread safe. All throw std::runtime_error for what
// PostgreSQL does not write.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

// '{a,"b c",NULL}' of a one-dimensional array; a NULL becomes an empty text.
[[nodiscard]] std::vector<std::string> texts_of(std::string_view array);
// '2026-11-20 12:00:00.123456+00' in any time zone of the session.
[[nodiscard]] wall_time time_of(std::string_view timestamptz);
// The same two, written as JSON without a detour: '["a","b c"]', '"2026-11-20T12:00:00.123Z"'.
void append_json_texts(std::string& out, std::string_view array);
void append_json_time(std::string& out, std::string_view timestamptz);
// A number PostgreSQL wrote.
[[nodiscard]] std::int64_t number_of(std::string_view text);

// An array of texts, numbers or NULLs on its way to PostgreSQL: a column of many rows for unnest().
class array_text {
public:
    void add(std::string_view item);
    void add(std::int64_t number);
    void add_null();
    template <class T>
    void add(const std::optional<T>& item)
    {
        if (item)
            add(*item);
        else
            add_null();
    }
    // An empty text stands for none.
    void add_or_null(std::string_view item)
    {
        if (item.empty())
            add_null();
        else
            add(item);
    }
    // The literal so far.
    [[nodiscard]] std::string text() const { return text_ + "}"; }

private:
    void separate();

    std::string text_ = "{";
};

}  // namespace kieng::catalog
