// Randomness as a parameter: secure in production, seeded in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace kieng {

class random {
public:
    virtual ~random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
    [[nodiscard]] std::uint64_t next();
    // A number in [0, bound); bound must be above 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    // `bytes` random bytes as base64url text.
    [[nodiscard]] std::string text(std::size_t bytes);
};

// OpenSSL's generator; thread safe; throws std::runtime_error when the system has no entropy.
[[nodiscard]] random& system_random() noexcept;

// The same bytes for the same seed. For tests and simulations; not thread safe.
class seeded_random final : public random {
public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 engine_;
};

}  // namespace kieng
