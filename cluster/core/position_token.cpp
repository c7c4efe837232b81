#include "cluster/core/position_token.hpp"

#include "base/encoding.hpp"

#include <charconv>

namespace kieng::cluster {
namespace {

constexpr std::size_t kMacBytes = 8;
constexpr std::size_t kLongest = 19 + 1 + 19 + 1 + 2 * kMacBytes;

std::string mac_of(std::string_view key, std::string_view numbers)
{
    return to_hex(as_text(hmac_sha256(key, numbers)).substr(0, kMacBytes));
}

// A whole non-negative number without sign or leading zero.
std::optional<std::int64_t> number(std::string_view text)
{
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

}  // namespace

token_signer::token_signer(std::string_view cluster_secret)
    : key_(as_text(hmac_sha256(cluster_secret, "kieng position token 1")))
{}

std::string token_signer::write(position_token token) const
{
    std::string text = std::to_string(token.incarnation) + "." + std::to_string(token.pos);
    return text + "." + mac_of(key_, text);
}

std::optional<position_token> token_signer::read(std::string_view text) const
{
    if (text.size() > kLongest) return std::nullopt;
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto incarnation = number(text.substr(0, first));
    const auto pos = number(text.substr(first + 1, second - first - 1));
    if (!incarnation || !pos) return std::nullopt;
    if (!equal_in_constant_time(mac_of(key_, text.substr(0, second)), text.substr(second + 1)))
        return std::nullopt;
    return position_token{*incarnation, *pos};
}

}  // namespace kieng::cluster
