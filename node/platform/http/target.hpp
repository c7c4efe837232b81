// Takes paths and query strings apart. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::http {

// The text decoded, or nothing for a broken escape, a NUL or invalid UTF-8. '+' is a space where `plus` says so.
[[nodiscard]] std::optional<std::string> decode_component(std::string_view text, bool plus);

// "a=1&b" -> {{"a","1"},{"b",""}} in order; nothing if a part cannot be decoded. Empty parts ("&&") are skipped.
using query_pairs = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::optional<query_pairs> decode_query(std::string_view query);

// Appends the query with its parts sorted, so that the same question has one cache key. False if it cannot be decoded.
[[nodiscard]] bool append_normalised_query(std::string_view query, std::string& out);

}  // namespace kieng::http
