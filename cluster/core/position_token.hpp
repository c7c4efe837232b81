// The token that keeps a client from going back in time: "<incarnation>.<pos>.<mac>".
//
// It comes with every answer and says the newest position whose effects the answer may show. The client keeps the largest
// and sends it along; a node that is behind waits or reads PostgreSQL directly. The mac (HMAC-SHA256 with a key derived
// from the cluster secret, 8 bytes as 16 hex digits) stops a forged huge number from making every read wait.
// Pure, thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster {

struct position_token {
    std::int64_t incarnation = 0;
    std::int64_t pos = 0;

    friend bool operator==(const position_token&, const position_token&) = default;
};

class token_signer {
public:
    explicit token_signer(std::string_view cluster_secret);

    [[nodiscard]] std::string write(position_token token) const;
    // Nothing for any other text, a number out of range or a bad mac.
    [[nodiscard]] std::optional<position_token> read(std::string_view text) const;

private:
    std::string key_;
};

}  // namespace kieng::cluster
