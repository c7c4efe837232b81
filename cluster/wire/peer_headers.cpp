#include "cluster/wire/peer_headers.hpp"

#include "base/encoding.hpp"
#include "cluster/wire/body_digest.hpp"
#include "cluster/wire/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace kieng::cluster::wire {
namespace {

constexpr std::size_t kNonceLetters = 22;      // 16 bytes
constexpr std::size_t kSignatureLetters = 43;  // 32 bytes
constexpr std::size_t kLongestType = 200;
constexpr std::size_t kLongestTarget = 8 * 1024;

struct wanted_header {
    std::string_view name;
    std::string_view peer_headers::*place;
    bool required;
};

constexpr std::array kWanted{
    wanted_header{"kieng-peer", &peer_headers::peer, true},
    wanted_header{"kieng-to", &peer_headers::to, true},
    wanted_header{"kieng-incarnation", &peer_headers::incarnation, true},
    wanted_header{"kieng-timestamp", &peer_headers::timestamp, true},
    wanted_header{"kieng-nonce", &peer_headers::nonce, true},
    wanted_header{"content-digest", &peer_headers::content_digest, true},
    wanted_header{"kieng-signature", &peer_headers::signature, true},
    wanted_header{"content-type", &peer_headers::content_type, false},
};

bool same_name(std::string_view any_case, std::string_view lower) noexcept
{
    return std::equal(any_case.begin(), any_case.end(), lower.begin(), lower.end(),
                      [](char a, char b) {
                          return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
                      });
}

// A whole non-negative number without sign or leading zero.
std::optional<std::int64_t> number(std::string_view text) noexcept
{
    if (text.empty() || (text.size() > 1 && text.front() == '0') || text.front() == '-')
        return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<nonce_bytes> nonce_of(std::string_view text)
{
    nonce_bytes out{};
    if (text.size() != kNonceLetters) return std::nullopt;
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() != sizeof out) return std::nullopt;
    std::memcpy(out.data(), bytes->data(), sizeof out);
    return out;
}

bool is_printable(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_visible(std::string_view text) noexcept
{
    return is_printable(text) && text.find(' ') == text.npos;
}

}  // namespace

std::vector<std::string> read_signatures(std::string_view text)
{
    std::vector<std::string> out;
    for (const std::string_view label : {"k2=", "k1="}) {
        if (!text.starts_with(label)) return {};
        const auto bytes = from_base64url(text.substr(label.size(), kSignatureLetters));
        if (!bytes || bytes->size() != 32) return {};
        out.push_back(*bytes);
        text.remove_prefix(label.size() + kSignatureLetters);
        if (text.empty()) return out;
        if (text.front() != ',') return {};
        text.remove_prefix(1);
    }
    return {};
}

std::string write_signatures(const std::vector<std::string>& signatures)
{
    std::string out = "k2=" + to_base64url(signatures.front());
    if (signatures.size() > 1) out += ",k1=" + to_base64url(signatures[1]);
    return out;
}

std::optional<peer_refusal> read_peer_headers(std::span<const header_pair> headers,
                                              peer_headers& out)
{
    std::array<bool, kWanted.size()> found{};
    for (const auto& [name, value] : headers) {
        for (std::size_t i = 0; i < kWanted.size(); ++i) {
            if (!same_name(name, kWanted[i].name)) continue;
            if (std::exchange(found[i], true)) return peer_refusal::repeated_header;
            out.*kWanted[i].place = value;
        }
    }
    for (std::size_t i = 0; i < kWanted.size(); ++i)
        if (kWanted[i].required && !found[i]) return peer_refusal::missing_header;
    const auto incarnation = number(out.incarnation);
    const auto milliseconds = number(out.timestamp);
    const auto nonce = nonce_of(out.nonce);
    out.signatures = read_signatures(out.signature);
    const bool well_formed = is_node_id(out.peer) && is_node_id(out.to) && incarnation &&
                             milliseconds && nonce && is_content_digest(out.content_digest) &&
                             !out.signatures.empty() && out.content_type.size() <= kLongestType &&
                             is_printable(out.content_type);
    if (!well_formed) return peer_refusal::malformed_header;
    out.incarnation_number = *incarnation;
    out.milliseconds = *milliseconds;
    out.nonce_value = *nonce;
    return std::nullopt;
}

std::string signed_text(std::string_view method, std::string_view target,
                        const peer_headers& headers)
{
    std::string out = "kieng peer request 1";
    for (const auto part :
         {method, target, headers.peer, headers.to, headers.incarnation, headers.timestamp,
          headers.nonce, headers.content_type, headers.content_digest})
        (out += '\n') += part;
    return out;
}

bool is_signable(std::string_view method, std::string_view target) noexcept
{
    return !method.empty() && method.size() <= 16 && is_visible(method) &&
           target.starts_with('/') && target.size() <= kLongestTarget && is_visible(target);
}

}  // namespace kieng::cluster::wire
