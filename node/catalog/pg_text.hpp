// PostgreSQL's text forms of values, read without its library. Pure functions, thread safe.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

// '{a,"b c",NULL}' of a one-dimensional array; a NULL becomes an empty text.
[[nodiscard]] std::vector<std::string> texts_of(std::string_view array);
// '2026-11-20 12:00:00.123456+00' in any time zone of the session. Throws std::runtime_error for anything else.
[[nodiscard]] wall_time time_of(std::string_view timestamptz);
// A number PostgreSQL wrote. Throws std::runtime_error if it is none.
[[nodiscard]] std::int64_t number_of(std::string_view text);

}  // namespace kieng::catalog
