#include "node/identity/throttle.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace kieng::identity {
namespace {

constexpr int kMostDoublings = 20;
constexpr int kMostAttempts = 1'000'000;

std::chrono::seconds delay_after(const throttle_rule& rule, int attempts) noexcept
{
    const int doublings = std::min(attempts - rule.limit, kMostDoublings);
    return std::min(rule.delay * (std::int64_t{1} << doublings), rule.longest);
}

std::optional<int> parse_count(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 ||
        value > kMostAttempts)
        return std::nullopt;
    return value;
}

}  // namespace

throttle_verdict attempt(const throttle_rule& rule, const throttle_count& known,
                         wall_time now) noexcept
{
    if (rule.limit == 0) return {known, std::nullopt};
    const bool anew = known.attempts == 0 || now >= known.last + rule.window;
    if (anew) return {{1, now}, std::nullopt};
    if (known.attempts >= rule.limit) {
        const auto free_at = known.last + delay_after(rule, known.attempts);
        if (now < free_at) {
            return {known, std::chrono::ceil<std::chrono::milliseconds>(free_at - now)};
        }
    }
    return {{std::min(known.attempts + 1, kMostAttempts), now}, std::nullopt};
}

std::optional<login_limits> parse_login_limits(std::string_view text)
{
    login_limits limits;
    if (text == "off") {
        limits.account.limit = 0;
        limits.address.limit = 0;
        return limits;
    }
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto account = parse_count(text.substr(0, slash));
    const auto address = parse_count(text.substr(slash + 1));
    if (!account || !address) return std::nullopt;
    limits.account.limit = *account;
    limits.address.limit = *address;
    return limits;
}

std::string address_block(std::string_view address)
{
    boost::system::error_code wrong;
    const auto parsed = boost::asio::ip::make_address(std::string(address), wrong);
    if (wrong || !parsed.is_v6()) return std::string(address);
    auto v6 = parsed.to_v6();
    if (v6.is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace kieng::identity
