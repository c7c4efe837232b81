// A place where goods lie: a shop, a warehouse, a van. One of them is the default: what names none means it. Pure values.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::inventory {

struct location_fields {
    std::string code;  // lower-case letters, digits and hyphens
    std::string name;
    std::string address;  // empty: none
    bool active = true;
    bool is_default = false;

    friend bool operator==(const location_fields&, const location_fields&) = default;
};

struct location {
    std::string id;
    location_fields fields;
    std::int64_t version = 1;
    wall_time created_at{}, updated_at{};
};

struct location_change {
    std::optional<std::string> code, name, address;
    std::optional<bool> active, is_default;
    std::optional<std::int64_t> version;
};

enum class location_field : std::uint8_t { code = 1, name, address, active, is_default };
inline constexpr std::array kLocationFields{location_field::code, location_field::name,
                                            location_field::address, location_field::active,
                                            location_field::is_default};
[[nodiscard]] std::string_view name_of(location_field f) noexcept;
[[nodiscard]] bool same(location_field f, const location_fields& a,
                        const location_fields& b) noexcept;
[[nodiscard]] location_fields apply(location_fields base, const location_change& change);

}  // namespace kieng::inventory
