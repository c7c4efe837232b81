// Who buys without an account: an id of their own and a signature over it, which they keep and send with `Kieng-Guest`. No cookie: it would be lost
// on another origin, and nothing is stored until something is ordered.
// Thread safe.
#pragma once

#include "base/encoding.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kieng::orders {

class guest_tokens {
public:
    // `secret`: the same on all nodes.
    explicit guest_tokens(std::string_view secret);

    // The guest who sends an order for the first time: the same for the same key on every node, so that the repeat of a lost answer is theirs.
    [[nodiscard]] std::string guest_of(std::string_view request_key,
                                       const digest& fingerprint) const;
    [[nodiscard]] std::string token_of(std::string_view guest_id) const;
    // The guest's id, or nothing for what was not signed here.
    [[nodiscard]] std::optional<std::string> read(std::string_view token) const;

private:
    digest key_;
};

}  // namespace kieng::orders
