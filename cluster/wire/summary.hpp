// The state of the cluster in one sentence a shopkeeper understands, in Vietnamese or English, and as a grade.
// Pure functions, thread safe.
#pragma once

#include "cluster/core/cluster_snapshot.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

enum class tongue : std::uint8_t { vi = 1, en };

enum class grade : std::uint8_t { pass = 1, warn, fail };
[[nodiscard]] std::string_view name_of(grade g) noexcept;

// Whose sentence it is: who asked a node for its health has chosen that node; who asks for the cluster has not.
enum class view_of : std::uint8_t { node = 1, cluster };

// fail: the cluster cannot sell (view_of::cluster), or this node should not be used (view_of::node).
[[nodiscard]] grade grade_of(const cluster_snapshot& now, view_of what) noexcept;
[[nodiscard]] std::string summary_of(const cluster_snapshot& now, tongue in, view_of what);

// "[+]", "[!]", "[-]": the heads of the lines of the text forms.
[[nodiscard]] std::string_view sign_of(grade g) noexcept;
// "30 s", "5 min", "3 h", "2 d", for a person to read.
[[nodiscard]] std::string rough(std::chrono::nanoseconds time);
// An instant of the snapshot by the wall clock.
[[nodiscard]] wall_time wall_of(const cluster_snapshot& of, wall_time at, instant when) noexcept;

}  // namespace kieng::cluster::wire
