// The secrets of the cluster and the keys made of them by HKDF-SHA256 (RFC 5869): one per purpose and direction, so that nothing
// signed for one of them counts for another.
//
// Immutable, thread safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::wire {

inline constexpr std::size_t kShortestSecret = 32;  // bytes

class peer_secrets {
public:
    // `previous` (CLUSTER_SECRET_PREVIOUS) may be empty. Throws std::invalid_argument for a secret under 32 bytes.
    explicit peer_secrets(std::string current, std::string previous = {});

    struct secret {
        std::string value;
        std::string id;  // names the secret on the wire without giving it away: 8 hex digits
    };
    // The current one first; one or two.
    [[nodiscard]] const std::vector<secret>& all() const noexcept { return all_; }
    [[nodiscard]] const secret& current() const noexcept { return all_.front(); }
    [[nodiscard]] const secret* named(std::string_view id) const noexcept;

private:
    std::vector<secret> all_;
};

// 32 bytes. `purpose` is a constant text; `context` fields are length-prefixed, so that no two contexts run together.
[[nodiscard]] std::string derive_key(std::string_view secret, std::string_view purpose,
                                     const std::vector<std::string_view>& context);

}  // namespace kieng::cluster::wire
