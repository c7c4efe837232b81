// How the words of the cluster (cluster/core/cluster_words.hpp) stand on the wire: their names in JSON, a letter in stream lines; and the
// shape of node ids. Both are part of the protocol and never change their meaning. Pure functions, thread safe.
#pragma once

#include "cluster/core/cluster_words.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kieng::cluster::wire {

[[nodiscard]] char letter_of(member_state word) noexcept;
[[nodiscard]] char letter_of(database_state word) noexcept;
[[nodiscard]] char letter_of(takeover_reason word) noexcept;
[[nodiscard]] std::optional<member_state> member_state_of(char letter) noexcept;
[[nodiscard]] std::optional<database_state> database_state_of(char letter) noexcept;
[[nodiscard]] std::optional<takeover_reason> takeover_reason_of(char letter) noexcept;

// A word of a newer version reads as unknown.
[[nodiscard]] member_state member_state_named(std::string_view name) noexcept;
[[nodiscard]] database_state database_state_named(std::string_view name) noexcept;

inline constexpr std::size_t kLongestNodeId = 32;
inline constexpr std::size_t kMostNodes = 64;

// 1 to 32 letters, digits and dashes, as SERVER_ID may be; but not one dash alone, which is "nothing" in stream lines.
[[nodiscard]] bool is_node_id(std::string_view text) noexcept;

}  // namespace kieng::cluster::wire
