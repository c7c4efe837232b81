// The words peers use for one another, and the shape of the names they go by.
//
// Every word has a text form for JSON and a letter for beat lines; both are part of the protocol and never change their
// meaning. Pure functions, thread safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// What one node holds of another (docs/CLUSTER.md, "Who is alive").
enum class opinion : std::uint8_t { alive = 1, suspect, down, draining, late, unknown };
// How PostgreSQL looks from a node.
enum class database_word : std::uint8_t { well = 1, slow, lost, unknown };
enum class role_word : std::uint8_t { active = 1, standby };

[[nodiscard]] std::string_view name_of(opinion word) noexcept;
[[nodiscard]] std::string_view name_of(database_word word) noexcept;
[[nodiscard]] std::string_view name_of(role_word word) noexcept;

[[nodiscard]] char letter_of(opinion word) noexcept;
[[nodiscard]] char letter_of(database_word word) noexcept;
[[nodiscard]] std::optional<opinion> opinion_of(char letter) noexcept;
[[nodiscard]] std::optional<database_word> database_word_of(char letter) noexcept;
[[nodiscard]] std::optional<opinion> opinion_named(std::string_view name) noexcept;

// By node id; the node itself is left out.
using opinions = std::map<std::string, opinion, std::less<>>;

inline constexpr std::size_t kLongestNodeId = 32;
inline constexpr std::size_t kMostNodes = 64;

// 1 to 32 letters, digits and dashes, as SERVER_ID may be.
[[nodiscard]] bool is_node_id(std::string_view text) noexcept;

}  // namespace kieng::cluster::wire
