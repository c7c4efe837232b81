// Time as a parameter. This is the only place of the product that reads a clock (clock.cpp).
// All functions are thread safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kieng {

// Wall time, microseconds since 1970-01-01T00:00:00Z.
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;
// Time since some fixed point, never set back, not counting suspension of the host. For timeouts.
using steady_time = std::chrono::steady_clock::time_point;

class clock {
public:
    virtual ~clock() = default;
    [[nodiscard]] virtual wall_time wall() const noexcept = 0;
    [[nodiscard]] virtual steady_time steady() const noexcept = 0;
    // Since boot, going on while the host is suspended (CLOCK_BOOTTIME). For leases.
    [[nodiscard]] virtual std::chrono::nanoseconds boot() const noexcept = 0;
};

// The clock of this machine; lives as long as the process.
[[nodiscard]] const clock& system_clock() noexcept;

// "2026-11-20T09:03:00.123456Z"
[[nodiscard]] std::string to_iso8601(wall_time at);

// "2026-11-20T09:03:00.123Z": the form of times on the wire, in milliseconds, cut off.
[[nodiscard]] std::string to_wire_time(wall_time at);

// Reads what to_iso8601 writes, with 0 to 6 digits of fraction and "Z" or an offset; nothing else.
[[nodiscard]] std::optional<wall_time> from_iso8601(std::string_view text) noexcept;

// A clock that stands still until told to move. For tests; not thread safe.
class manual_clock final : public clock {
public:
    [[nodiscard]] wall_time wall() const noexcept override { return wall_; }
    [[nodiscard]] steady_time steady() const noexcept override { return steady_; }
    [[nodiscard]] std::chrono::nanoseconds boot() const noexcept override
    {
        return steady_.time_since_epoch();
    }
    void advance(std::chrono::microseconds by)
    {
        wall_ += by;
        steady_ += by;
    }

private:
    wall_time wall_{std::chrono::microseconds{1'790'000'000'000'000}};
    steady_time steady_{std::chrono::hours{1}};
};

}  // namespace kieng
