#include "cluster/wire/body_digest.hpp"

#include "base/encoding.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <new>

namespace kieng::cluster::wire {
namespace {

constexpr std::string_view kHead = "sha-256=:";
constexpr std::size_t kLetters = 44;  // of 32 bytes in padded base64

std::string header_of(const digest& bytes)
{
    unsigned char text[kLetters + 1];
    EVP_EncodeBlock(text, bytes.data(), static_cast<int>(bytes.size()));
    return std::string(kHead) + std::string(reinterpret_cast<const char*>(text), kLetters) + ":";
}

bool is_base64(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

struct context_free {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

std::string content_digest(std::string_view body)
{
    return header_of(sha256(body));
}

bool is_content_digest(std::string_view text) noexcept
{
    if (text.size() != kHead.size() + kLetters + 1 || !text.starts_with(kHead) ||
        !text.ends_with("=:"))
        return false;
    const auto letters = text.substr(kHead.size(), kLetters - 1);
    return std::all_of(letters.begin(), letters.end(), is_base64);
}

struct body_digest::state {
    std::string expected;
    std::size_t left;
    bool too_large = false;
    std::unique_ptr<EVP_MD_CTX, context_free> hash{EVP_MD_CTX_new()};
};

body_digest::body_digest(std::string expected, std::size_t most)
    : state_(std::make_unique<state>(state{std::move(expected), most}))
{
    if (!state_->hash || EVP_DigestInit_ex(state_->hash.get(), EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
}

body_digest::~body_digest() = default;
body_digest::body_digest(body_digest&&) noexcept = default;
body_digest& body_digest::operator=(body_digest&&) noexcept = default;

std::optional<peer_refusal> body_digest::update(std::string_view piece)
{
    if (state_->too_large || piece.size() > state_->left) {
        state_->too_large = true;
        return peer_refusal::too_large;
    }
    state_->left -= piece.size();
    EVP_DigestUpdate(state_->hash.get(), piece.data(), piece.size());
    return std::nullopt;
}

std::optional<peer_refusal> body_digest::finish()
{
    if (state_->too_large) return peer_refusal::too_large;
    digest bytes{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(state_->hash.get(), bytes.data(), &length) != 1)
        return peer_refusal::wrong_digest;
    if (!equal_in_constant_time(header_of(bytes), state_->expected))
        return peer_refusal::wrong_digest;
    return std::nullopt;
}

}  // namespace kieng::cluster::wire
