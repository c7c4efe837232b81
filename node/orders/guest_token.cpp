#include "node/orders/guest_token.hpp"

#include "base/ids.hpp"

namespace kieng::orders {
namespace {

constexpr std::size_t kUuid = 36;
constexpr std::size_t kMac = 16;  // bytes

}  // namespace

guest_tokens::guest_tokens(std::string_view secret)
    : key_(hmac_sha256(secret, "kieng guest tokens 1"))
{}

std::string guest_tokens::guest_of(std::string_view request_key, const digest& fingerprint) const
{
    std::string text = "guest ";
    text += request_key;
    text += ' ';
    text += as_text(fingerprint);
    // A UUID of version 8 (RFC 9562): its bits are the signature's.
    std::string hex = to_hex(as_text(hmac_sha256(as_text(key_), text)).substr(0, 16));
    hex[12] = '8';
    hex[16] = 'a';
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
           hex.substr(16, 4) + '-' + hex.substr(20, 12);
}

std::string guest_tokens::token_of(std::string_view guest_id) const
{
    std::string text = "token ";
    text += guest_id;
    std::string out(guest_id);
    out += '.';
    out += to_base64url(as_text(hmac_sha256(as_text(key_), text)).substr(0, kMac));
    return out;
}

std::optional<std::string> guest_tokens::read(std::string_view token) const
{
    if (token.size() <= kUuid || token[kUuid] != '.') return std::nullopt;
    auto id = parse_uuid(token.substr(0, kUuid));
    if (!id || !equal_in_constant_time(token_of(*id), token)) return std::nullopt;
    return id;
}

}  // namespace kieng::orders
