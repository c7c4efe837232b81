// Content-Digest (RFC 9530) with sha-256 alone: makes the header, and compares a body with it while it comes in.
#pragma once

#include "cluster/wire/peer_refusal.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// The value of Content-Digest for these bytes: "sha-256=:<44 characters of base64>:". Thread safe.
[[nodiscard]] std::string content_digest(std::string_view body);

// Whether the text has that form and nothing else. Thread safe.
[[nodiscard]] bool is_content_digest(std::string_view text) noexcept;

// Judges a body piece by piece. Not thread safe; throws std::bad_alloc alone.
class body_digest {
public:
    // `expected`: the signed Content-Digest. `most`: bytes the body may have.
    body_digest(std::string expected, std::size_t most);
    ~body_digest();
    body_digest(body_digest&&) noexcept;
    body_digest& operator=(body_digest&&) noexcept;

    // too_large as soon as it is, and from then on.
    [[nodiscard]] std::optional<peer_refusal> update(std::string_view piece);
    // Call once, at the end of the body.
    [[nodiscard]] std::optional<peer_refusal> finish();

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cluster::wire
