#include "cluster/wire/peer_secrets.hpp"

#include "base/encoding.hpp"

#include <stdexcept>

namespace kieng::cluster::wire {
namespace {

constexpr std::size_t kIdBytes = 4;

peer_secrets::secret named_secret(std::string value)
{
    if (value.size() < kShortestSecret)
        throw std::invalid_argument("a cluster secret needs at least 32 bytes");
    auto id = to_hex(derive_key(value, "kieng secret id 1", {}).substr(0, kIdBytes));
    return {std::move(value), std::move(id)};
}

}  // namespace

peer_secrets::peer_secrets(std::string current, std::string previous)
{
    all_.push_back(named_secret(std::move(current)));
    if (!previous.empty() && previous != all_.front().value)
        all_.push_back(named_secret(std::move(previous)));
}

const peer_secrets::secret* peer_secrets::named(std::string_view id) const noexcept
{
    for (const auto& one : all_)
        if (one.id == id) return &one;
    return nullptr;
}

std::string derive_key(std::string_view secret, std::string_view purpose,
                       const std::vector<std::string_view>& context)
{
    // RFC 5869 with an empty salt and one block of output: extract, then expand with info and the block's number.
    const std::string salt(32, '\0');
    const auto extracted = hmac_sha256(salt, secret);
    std::string info(purpose);
    for (const auto field : context)
        ((info += '\n') += std::to_string(field.size()) += ':') += field;
    info += '\x01';
    return std::string(as_text(hmac_sha256(as_text(extracted), info)));
}

}  // namespace kieng::cluster::wire
