// Names for requests: X-Request-Id as the client gave it or a new UUIDv7, and traceparent. One per I/O thread, not thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace kieng::http {

// 1 to 128 of A-Z a-z 0-9 . _ ~ : / + = - (docs/openapi.yaml, X-Request-Id).
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;
// A traceparent of W3C Trace Context, version 00 form, with ids that are not all zero.
[[nodiscard]] bool is_traceparent(std::string_view text) noexcept;

class request_ids {
public:
    request_ids(const clock& now, random& bits) : clock_(now), source_(bits) {}
    // Replaces `out` with a new UUIDv7.
    void make(std::string& out);

private:
    // Fetches randomness by the block: a system call's worth for many ids.
    class buffered final : public random {
    public:
        explicit buffered(random& from) : from_(from) {}
        void fill(std::span<std::uint8_t> out) override;

    private:
        random& from_;
        std::array<std::uint8_t, 2048> block_{};
        std::size_t used_ = 2048;
    };
    const clock& clock_;
    buffered source_;
};

}  // namespace kieng::http
