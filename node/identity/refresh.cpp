#include "node/identity/refresh.hpp"

namespace kieng::identity {
namespace {

constexpr std::string_view kPrefix = "kr1.";
constexpr std::size_t kSecretBytes = 32;

}  // namespace

std::string make_refresh_token(random& bits)
{
    return std::string(kPrefix) + bits.text(kSecretBytes);
}

std::optional<std::string> refresh_token_hash(std::string_view token)
{
    if (!token.starts_with(kPrefix)) return std::nullopt;
    const auto secret = from_base64url(token.substr(kPrefix.size()));
    if (!secret || secret->size() != kSecretBytes) return std::nullopt;
    return to_hex(as_text(sha256(token)));
}

refresh_outcome decide(const refresh_state& state) noexcept
{
    if (!state.session_live) return refresh_outcome::ended;
    if (!state.used)
        return state.now < state.expires ? refresh_outcome::renew : refresh_outcome::ended;
    if (state.successors >= kMaxSuccessors) return refresh_outcome::reused;
    if (state.successor_used || state.now >= *state.used + kSiblingGrace)
        return refresh_outcome::reused;
    return refresh_outcome::sibling;
}

}  // namespace kieng::identity
