// Which answers are worth compressing. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace kieng::http {

inline constexpr std::size_t kGzipFrom = 1024;  // smaller bodies do not pay
inline constexpr std::size_t kGzipUpTo =
    131'072;  // above, compressing would hold the I/O thread over a millisecond

// Whether a media type is text that shrinks.
[[nodiscard]] bool is_compressible(std::string_view content_type) noexcept;

}  // namespace kieng::http
