// Compression of response bodies (RFC 1952). Pure, thread safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kieng::cache {

// Bodies below this size are not worth compressing.
inline constexpr std::size_t kMinGzipBytes = 1024;

// The gzip form of the bytes; empty if zlib fails or the result is not smaller. Level 1 is for answers made once, 5 for kept
// ones, 9 for files.
[[nodiscard]] std::string gzip(std::string_view bytes, int level = 5);

// The gzip form of bytes that come piece by piece; the pieces it gives, one after the other, are one member. Not thread safe.
// Throws std::bad_alloc when zlib has no memory.
class gzip_stream {
public:
    explicit gzip_stream(int level);
    ~gzip_stream();
    gzip_stream(const gzip_stream&) = delete;
    gzip_stream& operator=(const gzip_stream&) = delete;

    // What is ready of all so far; may be nothing yet.
    [[nodiscard]] std::string add(std::string_view bytes);
    // The rest. Once, and nothing may be added after it.
    [[nodiscard]] std::string finish();

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cache
