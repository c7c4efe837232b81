// Reading members that several bodies of stock have alike. Pure functions.
#pragma once

#include "base/json_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kieng::inventory {

// A text trimmed at both ends that is not blank.
[[nodiscard]] std::optional<std::string> read_text(object_reader& from, std::string_view name,
                                                   object_reader::need n, std::size_t max,
                                                   bool lines = false);
// A calendar day: "2026-12-31".
[[nodiscard]] std::optional<std::string> read_day(object_reader& from, std::string_view name);
[[nodiscard]] bool is_day(std::string_view text) noexcept;

// The version an edit starts from.
[[nodiscard]] std::optional<std::int64_t> read_version(object_reader& from);

}  // namespace kieng::inventory
