// Access tokens whose signature this node has checked lately, so that the next request with the same token need not hash it
// again. Remembers only what the bytes say, never that they count: times and revocations are checked at each use.
//
// Found by the whole text of the token, so nothing is taken for a token that was not one before. A fixed number of
// places; a newcomer takes the place of whoever was there, so memory stays bounded whatever is sent.
// Thread safe; a lookup holds one of several locks for the length of a comparison.
#pragma once

#include "node/identity/token.hpp"
#include "node/platform/http/permission.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace kieng::identity {

class verified_tokens {
public:
    struct token {
        std::string text;
        signed_claims says;
        http::permission_set permissions;
    };
    using token_ptr = std::shared_ptr<const token>;

    static constexpr std::size_t kPlaces = 4096;  // about 3 MiB when all are taken

    // Null when it is not known.
    [[nodiscard]] token_ptr find(std::string_view text) const;
    // REQUIRES: `says` came out of token_signer::open for this text.
    token_ptr keep(std::string_view text, signed_claims says, http::permission_set permissions);

private:
    static constexpr std::size_t kShards = 16;
    struct shard {
        mutable std::mutex guard;  // guards places
        std::array<token_ptr, kPlaces / kShards> places;
    };

    std::array<shard, kShards> shards_;
};

}  // namespace kieng::identity
