// What each failure is over HTTP. Pure, total: a new errc does not compile without its row.
#pragma once

#include "base/errc.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string_view>

namespace kieng::http {

// Whose fault it is, so whether another node would help.
enum class fault_scope : std::uint8_t { request = 1, node, shared };
// Where a client tries again.
enum class retry_where : std::uint8_t { same = 1, other, nowhere };

struct problem_row {
    int status;
    fault_scope scope;
    committed effect;
    retry_where where;
    std::int64_t after_ms;
    std::string_view title_vi;
    std::string_view title_en;
};

[[nodiscard]] problem_row problem_row_of(errc code) noexcept;
[[nodiscard]] std::string_view name_of(fault_scope scope) noexcept;
[[nodiscard]] std::string_view name_of(retry_where where) noexcept;
[[nodiscard]] std::string_view name_of(committed effect) noexcept;

}  // namespace kieng::http
