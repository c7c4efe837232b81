#include "base/clock.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace kieng {
namespace {

class machine_clock final : public clock {
public:
    [[nodiscard]] wall_time wall() const noexcept override
    {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }
    [[nodiscard]] steady_time steady() const noexcept override
    {
        return std::chrono::steady_clock::now();
    }
    [[nodiscard]] std::chrono::nanoseconds boot() const noexcept override
    {
        timespec at{};
        clock_gettime(CLOCK_BOOTTIME, &at);
        return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
    }
};

// Reads exactly `digits` decimal digits at `at` and moves on.
bool read_digits(std::string_view text, std::size_t& at, std::size_t digits, int& out) noexcept
{
    if (text.size() < at + digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const char c = text[at + i];
        if (c < '0' || c > '9') return false;
        out = out * 10 + (c - '0');
    }
    at += digits;
    return true;
}

bool read_char(std::string_view text, std::size_t& at, char expected) noexcept
{
    if (at >= text.size() || text[at] != expected) return false;
    ++at;
    return true;
}

// The fraction behind the seconds, in microseconds; none is 0.
bool read_fraction(std::string_view text, std::size_t& at, std::chrono::microseconds& out) noexcept
{
    out = {};
    if (at >= text.size() || text[at] != '.') return true;
    ++at;
    int digits = 0;
    std::int64_t value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        if (++digits > 6) return false;
        value = value * 10 + (text[at++] - '0');
    }
    if (digits == 0) return false;
    for (; digits < 6; ++digits) value *= 10;
    out = std::chrono::microseconds(value);
    return true;
}

bool read_offset(std::string_view text, std::size_t& at, std::chrono::minutes& out) noexcept
{
    out = {};
    if (read_char(text, at, 'Z')) return true;
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return false;
    const int sign = text[at++] == '+' ? 1 : -1;
    int hours = 0;
    int minutes = 0;
    if (!read_digits(text, at, 2, hours) || !read_char(text, at, ':') ||
        !read_digits(text, at, 2, minutes))
        return false;
    if (hours > 14 || minutes > 59) return false;
    out = std::chrono::minutes(sign * (hours * 60 + minutes));
    return true;
}

}  // namespace

const clock& system_clock() noexcept
{
    static const machine_clock the_clock;
    return the_clock;
}

std::string to_iso8601(wall_time at)
{
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<std::chrono::microseconds> time(at - day);
    char text[40];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return text;
}

std::string to_wire_time(wall_time at)
{
    std::string text = to_iso8601(at);
    text.erase(text.size() - 4, 3);
    return text;
}

std::optional<wall_time> from_iso8601(std::string_view text) noexcept
{
    std::size_t at = 0;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::chrono::microseconds fraction{};
    std::chrono::minutes offset{};
    const bool shape = read_digits(text, at, 4, year) && read_char(text, at, '-') &&
                       read_digits(text, at, 2, month) && read_char(text, at, '-') &&
                       read_digits(text, at, 2, day) && read_char(text, at, 'T') &&
                       read_digits(text, at, 2, hour) && read_char(text, at, ':') &&
                       read_digits(text, at, 2, minute) && read_char(text, at, ':') &&
                       read_digits(text, at, 2, second) && read_fraction(text, at, fraction) &&
                       read_offset(text, at, offset) && at == text.size();
    if (!shape || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return wall_time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction - offset;
}

}  // namespace kieng
