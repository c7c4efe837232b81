#include "node/identity/password.hpp"

#include "base/encoding.hpp"
#include "node/identity/common_passwords.hpp"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>

namespace kieng::identity {
namespace {

// Salt and digest of no password: bcrypt works on it as on any other.
constexpr std::string_view kNobody = "kiengkiengkiengkiengkeuKIENGkiengKIENGkiengKIENGkieng";
constexpr std::size_t kSettingLength = 29;  // "$2b$12$" and 22 characters of salt
constexpr std::size_t kHashLength = 60;

std::string crypt_text(const std::string& password, const std::string& setting)
{
    // 32 KiB of scratch space: too much for a stack. Wiped, because it has held the password.
    const auto scratch = std::make_unique<crypt_data>();
    const char* made =
        crypt_rn(password.c_str(), setting.c_str(), scratch.get(), sizeof(crypt_data));
    std::string out = made ? made : "";
    explicit_bzero(scratch.get(), sizeof(crypt_data));
    return out;
}

std::string dummy(int cost)
{
    char prefix[8];
    std::snprintf(prefix, sizeof prefix, "$2b$%02d$", cost);
    return std::string(prefix) + std::string(kNobody);
}

std::string folded(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == ' ') continue;
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return out;
}

bool is_one_character(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [&](char c) { return c == text.front(); });
}

// "1234567890", "abcdefghij", "0987654321": each character the next or the one before.
bool is_a_run(std::string_view text)
{
    const auto step = [](char from, char to) {
        return from == '9' && to == '0' ? 1 : from == '0' && to == '9' ? -1 : to - from;
    };
    const int first = step(text[0], text[1]);
    if (first != 1 && first != -1) return false;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (step(text[i], text[i + 1]) != first) return false;
    }
    return true;
}

constexpr phrase kTriedFirst{"Mật khẩu này ai cũng thử đầu tiên.",
                             "The password is one of those everybody tries first."};

failure weak(const phrase& why)
{
    return failure(errc::weak_password, why);
}

}  // namespace

result<void> check_given_password(std::string_view password)
{
    if (password.size() > kMaxPasswordBytes)
        return failure(errc::password_too_long,
                       {"Mật khẩu dài quá 72 byte.", "The password is longer than 72 bytes."});
    return {};
}

result<void> check_new_password(std::string_view password, std::string_view email)
{
    if (auto fits = check_given_password(password); !fits) return fits;
    if (password.size() < kMinPasswordBytes)
        return weak(
            {"Mật khẩu phải dài ít nhất 10 byte.", "The password needs at least 10 bytes."});
    // libcrypt would stop reading there and take the rest for granted.
    if (password.find('\0') != std::string_view::npos)
        return weak({"Mật khẩu có ký tự NUL.", "The password contains NUL."});
    const std::string plain = folded(password);
    if (plain.empty()) return weak({"Mật khẩu chỉ có dấu cách.", "The password is only spaces."});
    const std::string own = folded(email);
    if (plain == own || plain == own.substr(0, own.find('@')))
        return weak({"Mật khẩu chính là email.", "The password is the email itself."});
    if (plain.size() < 3 || is_one_character(plain) || is_a_run(plain)) return weak(kTriedFirst);
    if (is_common_password(plain)) return weak(kTriedFirst);
    return {};
}

std::string make_password(random& bits)
{
    // Without letters and digits that look or sound alike.
    constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    std::string out;
    for (int i = 0; i < 20; ++i) {
        if (i > 0 && i % 5 == 0) out.push_back('-');
        out.push_back(alphabet[bits.below(alphabet.size())]);
    }
    return out;
}

std::string hash_password(std::string_view password, int cost, random& bits)
{
    std::array<std::uint8_t, 16> salt{};
    bits.fill(salt);
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char* made = crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost),
                                        reinterpret_cast<const char*>(salt.data()),
                                        static_cast<int>(salt.size()), setting, sizeof setting);
    if (!made) throw std::runtime_error("libcrypt makes no bcrypt salt");
    auto hash = crypt_text(std::string(password), setting);
    if (hash.size() != kHashLength) throw std::runtime_error("libcrypt makes no bcrypt hash");
    return hash;
}

bool verify_password(std::string_view password, const std::string& hash, int cost)
{
    const std::string text(password);
    const int stored = cost_of(hash);
    if (stored == 0) {
        (void)crypt_text(text, dummy(cost));
        return false;
    }
    const auto made = crypt_text(text, hash.substr(0, kSettingLength));
    const bool right = equal_in_constant_time(made, hash);
    // 2^s + (2^s + 2^(s+1) + ... + 2^(c-1)) = 2^c: as long as a hash made today.
    for (int step = stored; step < cost; ++step) (void)crypt_text(text, dummy(step));
    return right && password.find('\0') == std::string_view::npos;
}

int cost_of(std::string_view hash) noexcept
{
    if (hash.size() != kHashLength || !hash.starts_with("$2b$") || hash[6] != '$') return 0;
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : -100; };
    const int cost = digit(hash[4]) * 10 + digit(hash[5]);
    return cost >= 4 && cost <= 31 ? cost : 0;
}

}  // namespace kieng::identity
