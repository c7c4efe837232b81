// Writes the head of an answer: status line, the headers every answer has, and framing.
// One per I/O thread (it keeps the Date and Kieng-Token texts); not thread safe.
#pragma once

#include "base/clock.hpp"
#include "node/platform/http/cors.hpp"
#include "node/platform/http/exchange.hpp"
#include "node/platform/http/position_source.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::http {

// What differs from answer to answer.
struct answer_facts {
    int status = 200;
    std::string_view content_type;
    std::size_t length = 0;
    bool chunked = false;  // length is not known
    bool gzip = false;
    std::string_view etag;           // without quotes and suffix
    std::string_view etag_suffix;    // "-gz"
    std::string_view cache_control;  // empty: no-store
    std::string_view policy;         // Content-Security-Policy, empty: that of an API
    std::int64_t pos = 0;            // for Kieng-Token
    const std::vector<std::pair<std::string, std::string>>* more = nullptr;
};

inline constexpr std::string_view kCacheablePrivate = "private, no-cache";

class answer_head {
public:
    answer_head(const clock& now, const position_source& positions, const rate_limiter& by_address,
                const rate_limiter& by_user);

    void append(std::string& out, const exchange& x, const answer_facts& facts);
    // The text of Kieng-Token for a position, remembered for the newest one asked for.
    [[nodiscard]] std::string_view token(std::int64_t pos);
    // The position of a client's token; 0 if it is none of ours. Remembers the newest own token.
    [[nodiscard]] std::int64_t read_token(std::string_view text);

private:
    void append_date(std::string& out);
    void append_rate(std::string& out, const exchange& x) const;
    void append_framing(std::string& out, const exchange& x, const answer_facts& facts) const;

    const clock& clock_;
    const position_source& positions_;
    const rate_limiter& by_address_;
    const rate_limiter& by_user_;
    std::int64_t second_ = -1;
    std::string date_;
    std::int64_t token_pos_ = -1;
    std::int64_t token_incarnation_ = -1;
    std::string token_;
    std::string last_read_;
    std::int64_t last_read_pos_ = 0;
    std::int64_t last_read_incarnation_ = -1;
};

[[nodiscard]] std::string_view reason_of(int status) noexcept;

}  // namespace kieng::http
