// Counter and mac of the lines of a peer stream: "<counter> <line> <mac>\n", the counter in base 36, the mac 16 bytes of HMAC-SHA256 as 22
// characters of base64url.
//
// The opening of a stream is a signed request (peer_signature.hpp). Both ends then make one key per direction from a secret, both ids, both boot
// ids and a nonce of each end, so a line counts on this stream, in this direction and at this place alone. The accepting end answers its boot,
// its nonce and the id of the secret that held; the first line that opens proves to each end that the other one has the secret.
// A line that does not open ends the stream. Not thread safe: one sealer and one opener per stream and end.
#pragma once

#include "cluster/wire/peer_secrets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// What both ends of a stream know of it.
struct stream_names {
    std::string opener, acceptor;              // node ids
    std::string opener_boot, acceptor_boot;    // uuids
    std::string opener_nonce, acceptor_nonce;  // the opener's is that of its signed request
};

struct stream_keys {
    std::string to_acceptor, to_opener;
};

[[nodiscard]] stream_keys make_stream_keys(std::string_view secret, const stream_names& names);

inline constexpr std::size_t kLongestSealedLine = 300;  // with the line feed

class line_sealer {
public:
    explicit line_sealer(std::string key) : key_(std::move(key)) {}

    // The line with its counter, mac and line feed. REQUIRES: no line feed in `line`.
    [[nodiscard]] std::string seal(std::string_view line);
    // The counter of the last line: 1 for the first.
    [[nodiscard]] std::uint64_t counter() const noexcept { return counter_; }

private:
    std::string key_;
    std::uint64_t counter_ = 0;
};

class line_opener {
public:
    explicit line_opener(std::string key) : key_(std::move(key)) {}

    // The inner line (a view into `sealed`, which comes without its line feed). Nothing when the counter is not the next one or the mac is not
    // right: end the stream. After that nothing opens any more.
    [[nodiscard]] std::optional<std::string_view> open(std::string_view sealed);
    [[nodiscard]] std::uint64_t counter() const noexcept { return counter_; }

private:
    std::string key_;
    std::uint64_t counter_ = 0;
    bool broken_ = false;
};

}  // namespace kieng::cluster::wire
