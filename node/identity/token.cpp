#include "node/identity/token.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"

#include <charconv>

namespace kieng::identity {
namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kIssued = R"({"iss":"kieng","aud":"kieng","typ":"access","sub":")";
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kSignatureLength = 43;
constexpr std::size_t kMaxRoleLength = 16;

std::int64_t seconds(wall_time at)
{
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

// Reads the claims piece by piece. After the first piece that is not as written by sign(), everything fails.
class claims_reader {
public:
    explicit claims_reader(std::string_view text) : rest_(text) {}

    void literal(std::string_view expected)
    {
        if (!rest_.starts_with(expected)) return fail();
        rest_.remove_prefix(expected.size());
    }
    std::string uuid()
    {
        const auto text = rest_.substr(0, kUuidLength);
        auto canonical = parse_uuid(text);
        if (!canonical || *canonical != text) return fail(), std::string();
        rest_.remove_prefix(kUuidLength);
        return *std::move(canonical);
    }
    std::string word()
    {
        std::size_t length = 0;
        while (length < rest_.size() && rest_[length] >= 'a' && rest_[length] <= 'z') ++length;
        if (length == 0 || length > kMaxRoleLength) return fail(), std::string();
        std::string out(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return out;
    }
    // A number from 0 to the largest integer every JSON reader keeps, as JSON writes it: no sign, no leading zero.
    std::int64_t number()
    {
        constexpr std::int64_t largest = 9'007'199'254'740'991;
        std::int64_t value = 0;
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return fail(), 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        const auto length = static_cast<std::size_t>(end - rest_.data());
        if (error != std::errc() || value > largest || (rest_.front() == '0' && length > 1))
            return fail(), 0;
        rest_.remove_prefix(length);
        return value;
    }
    [[nodiscard]] bool complete() const noexcept { return good_ && rest_.empty(); }

private:
    void fail()
    {
        good_ = false;
        rest_ = {};
    }

    std::string_view rest_;
    bool good_ = true;
};

std::string signature(std::string_view key, std::string_view signed_part)
{
    return to_base64url(as_text(hmac_sha256(key, signed_part)));
}

failure not_ours()
{
    return failure(errc::token_invalid);
}

}  // namespace

std::string derive_key(std::string_view secret, std::string_view purpose)
{
    return std::string(as_text(hmac_sha256(secret, "kieng/" + std::string(purpose) + "/v1")));
}

token_signer::token_signer(std::string_view secret) : key_(derive_key(secret, "access token")) {}

std::string token_signer::sign(const access_claims& claims, wall_time now) const
{
    const auto issued = seconds(now);
    std::string payload(kIssued);
    payload += claims.user_id + R"(","sid":")" + claims.session_id + R"(","role":")" + claims.role;
    payload +=
        R"(","ver":)" + std::to_string(claims.rights) + R"(,"iat":)" + std::to_string(issued);
    payload += R"(,"nbf":)" + std::to_string(issued);
    payload += R"(,"exp":)" + std::to_string(issued + kAccessLifetime.count()) + "}";
    std::string token = to_base64url(kHeader) + "." + to_base64url(payload);
    const auto mac = signature(key_, token);
    return token + "." + mac;
}

result<signed_claims> token_signer::open(std::string_view token) const
{
    static const std::string header = to_base64url(kHeader) + ".";
    if (token.size() > kMaxTokenBytes || !token.starts_with(header)) return not_ours();
    const auto last_dot = token.rfind('.');
    if (last_dot < header.size()) return not_ours();
    const auto mac = token.substr(last_dot + 1);
    // Compared as text: base64url has one spelling for each value, so nothing is lost and nothing is decoded unsigned.
    if (mac.size() != kSignatureLength) return not_ours();
    if (!equal_in_constant_time(mac, signature(key_, token.substr(0, last_dot)))) return not_ours();

    const auto payload = from_base64url(token.substr(header.size(), last_dot - header.size()));
    if (!payload) return not_ours();
    claims_reader in(*payload);
    signed_claims found;
    auto& claims = found.claims;
    in.literal(kIssued);
    claims.user_id = in.uuid();
    in.literal(R"(","sid":")");
    claims.session_id = in.uuid();
    in.literal(R"(","role":")");
    claims.role = in.word();
    in.literal(R"(","ver":)");
    claims.rights = in.number();
    in.literal(R"(,"iat":)");
    found.issued = in.number();
    in.literal(R"(,"nbf":)");
    found.not_before = in.number();
    in.literal(R"(,"exp":)");
    found.expires = in.number();
    in.literal("}");
    if (!in.complete() || found.expires - found.issued > kAccessLifetime.count()) return not_ours();
    return found;
}

result<void> signed_claims::check(wall_time now) const
{
    const auto at = seconds(now);
    const auto leeway = kClockLeeway.count();
    if (at >= expires + leeway) return failure(errc::token_expired);
    if (at + leeway < not_before || at + leeway < issued)
        return failure(errc::token_expired, {"Mã truy cập chưa có hiệu lực; hãy kiểm tra đồng hồ.",
                                             "The token is not good yet; check the clock."});
    return {};
}

result<access_claims> token_signer::verify(std::string_view token, wall_time now) const
{
    auto found = open(token);
    if (!found) return found.error();
    if (auto good = found->check(now); !good) return good.error();
    return std::move(found->claims);
}

}  // namespace kieng::identity
