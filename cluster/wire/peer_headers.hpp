// The headers of a peer request taken off a request, each there once and well-formed, and the text their signature covers.
// Pure functions, thread safe.
#pragma once

#include "cluster/wire/nonce_store.hpp"
#include "cluster/wire/peer_refusal.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::cluster::wire {

using header_pair = std::pair<std::string, std::string>;

struct peer_headers {
    std::string_view peer, to, incarnation, timestamp, nonce, content_digest, signature;
    std::string_view content_type;  // empty when there is none
    std::int64_t incarnation_number = 0;
    std::int64_t milliseconds = 0;  // the timestamp
    nonce_bytes nonce_value{};
    std::vector<std::string> signatures;  // 32 bytes each
};

// Views into `headers`. Names may come in any case; other headers are passed over.
// Refuses: missing_header, repeated_header, malformed_header.
[[nodiscard]] std::optional<peer_refusal> read_peer_headers(std::span<const header_pair> headers,
                                                            peer_headers& out);

// "k2=<43 characters>" or "k2=<43 characters>,k1=<43 characters>": the signatures' bytes, the current secret's first. Nothing for any other text.
[[nodiscard]] std::vector<std::string> read_signatures(std::string_view text);
[[nodiscard]] std::string write_signatures(const std::vector<std::string>& signatures);

// The text that is signed: one line each, none of which can hold a line feed once the headers were read.
[[nodiscard]] std::string signed_text(std::string_view method, std::string_view target,
                                      const peer_headers& headers);

// A method and a target that can be signed: visible ASCII, the target from "/" on.
[[nodiscard]] bool is_signable(std::string_view method, std::string_view target) noexcept;

}  // namespace kieng::cluster::wire
