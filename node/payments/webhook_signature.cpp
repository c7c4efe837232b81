#include "node/payments/webhook_signature.hpp"

#include "base/encoding.hpp"

#include <charconv>
#include <optional>

namespace kieng::payments {
namespace {

constexpr std::size_t kHexLength = 64;

struct parts {
    std::int64_t at = 0;
    std::string_view hex;
};

std::optional<parts> split(std::string_view signature)
{
    const auto comma = signature.find(',');
    if (comma == std::string_view::npos || !signature.starts_with("t=")) return std::nullopt;
    const auto time = signature.substr(2, comma - 2);
    const auto rest = signature.substr(comma + 1);
    parts out;
    const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), out.at);
    // Twelve digits are enough for the next thirty thousand years.
    if (error != std::errc() || end != time.data() + time.size() || time.size() > 12 || out.at < 0)
        return std::nullopt;
    if (!rest.starts_with("v1=") || rest.size() != 3 + kHexLength) return std::nullopt;
    out.hex = rest.substr(3);
    return out;
}

std::string signed_hex(std::string_view secret, std::int64_t at, std::string_view body)
{
    std::string bytes = std::to_string(at) + ".";
    bytes += body;
    return to_hex(as_text(hmac_sha256(secret, bytes)));
}

}  // namespace

std::string sign_webhook(std::string_view secret, std::string_view body, wall_time at)
{
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    return "t=" + std::to_string(seconds) + ",v1=" + signed_hex(secret, seconds, body);
}

signature_check check_webhook(std::string_view secret, std::string_view signature,
                              std::string_view body, wall_time now)
{
    const auto said = split(signature);
    if (!said) return signature_check::malformed;
    if (!equal_in_constant_time(said->hex, signed_hex(secret, said->at, body)))
        return signature_check::wrong;
    const auto apart = now - wall_time(std::chrono::seconds(said->at));
    if (apart > kWebhookWindow || apart < -kWebhookWindow) return signature_check::too_old;
    return signature_check::good;
}

}  // namespace kieng::payments
