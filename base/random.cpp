#include "base/random.hpp"

#include "base/encoding.hpp"

#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>

namespace kieng {
namespace {

class openssl_random final : public random {
public:
    void fill(std::span<std::uint8_t> out) override
    {
        if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
            throw std::runtime_error("no random bytes");
    }
};

}  // namespace

std::uint64_t random::next()
{
    std::uint8_t bytes[8];
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t random::below(std::uint64_t bound)
{
    const std::uint64_t unbiased = UINT64_MAX - UINT64_MAX % bound;
    std::uint64_t value = next();
    while (value >= unbiased) value = next();
    return value % bound;
}

std::string random::text(std::size_t bytes)
{
    std::string raw(bytes, '\0');
    fill({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
    return to_base64url(raw);
}

random& system_random() noexcept
{
    static openssl_random the_random;
    return the_random;
}

void seeded_random::fill(std::span<std::uint8_t> out)
{
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
}

}  // namespace kieng
