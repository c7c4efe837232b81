// Compression of response bodies (RFC 1952). Pure, thread safe.
#pragma once

#include <string>
#include <string_view>

namespace kieng::cache {

// Bodies below this size are not worth compressing.
inline constexpr std::size_t kMinGzipBytes = 1024;

// The gzip form of the bytes; empty if zlib fails or the result is not smaller. Level 1 is for answers made once, 5 for kept
// ones, 9 for files.
[[nodiscard]] std::string gzip(std::string_view bytes, int level = 5);

}  // namespace kieng::cache
