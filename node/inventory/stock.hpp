// What lies where, and how it came there: the values of stock. Pure: no clock, no database, no JSON.
// Quantities are integers of the unit the goods are sold in.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::inventory {

inline constexpr std::int64_t kMaxQuantity = 1'000'000'000'000;

// Why stock moved. The numbers are those of stock_movements.kind.
enum class movement_kind : std::uint8_t {
    receive = 1,
    customer_return,
    opening,
    sale,
    return_to_supplier,
    destroy,
    adjust,
    transfer_out,
    transfer_in,
    reserve,
    release,
    commit
};
inline constexpr movement_kind kLastMovementKind = movement_kind::commit;
[[nodiscard]] std::string_view name_of(movement_kind kind) noexcept;
[[nodiscard]] std::optional<movement_kind> movement_kind_named(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string_view> movement_kind_names();

enum class reservation_state : std::uint8_t { held = 1, committed, released, expired };
[[nodiscard]] std::string_view name_of(reservation_state state) noexcept;

// Goods by their labels. sku and name are empty where the catalogue no longer has them.
struct goods {
    std::string variant_id, product_id, sku, name;
};

// The same at all places of a variant.
struct stock_rules {
    std::int64_t low_stock_threshold = 10;
    bool track_inventory = true;
    bool backorder = false;
    bool lot_tracked = false;

    friend bool operator==(const stock_rules&, const stock_rules&) = default;
};
struct rules_change {
    std::optional<std::int64_t> low_stock_threshold;
    std::optional<bool> track_inventory, backorder, lot_tracked;
    std::optional<std::int64_t> version;
};
[[nodiscard]] stock_rules apply(stock_rules base, const rules_change& change) noexcept;

// What a variant has at one place.
struct stock_line {
    goods what;
    std::string location_id;
    std::int64_t quantity = 0, reserved = 0, expired = 0;
    stock_rules rules;
    std::int64_t version = 1;             // of the rules
    std::optional<wall_time> updated_at;  // none: nothing ever moved here

    [[nodiscard]] std::int64_t available() const noexcept { return quantity - reserved - expired; }
    // "untracked", "out", "low" or "enough".
    [[nodiscard]] std::string_view level() const noexcept;
};

struct lot_line {
    std::string id, code, location_id;
    std::optional<std::string> expires_on;  // "2026-12-31", the last day it may be sold
    std::int64_t quantity = 0, reserved = 0;
    bool expired = false;
};

// A variant at all its places, lot by lot.
struct stock_card {
    goods what;
    stock_rules rules;
    std::int64_t version = 1;
    std::vector<stock_line> places;
    std::vector<lot_line> lots;
};

struct movement {
    std::int64_t id = 0;
    goods what;
    std::string location_id;
    movement_kind kind = movement_kind::adjust;
    std::int64_t quantity_delta = 0, reserved_delta = 0;
    std::optional<std::string> order_id, document_id, lot, reason, actor_id;
    std::optional<std::int64_t> unit_cost;
    std::string node;
    wall_time at{};
};

struct reservation {
    std::string order_id;
    goods what;
    std::string location_id;
    std::int64_t quantity = 0, returned = 0;
    reservation_state state = reservation_state::held;
    std::optional<wall_time> expires_at;
    wall_time created_at{};
};

struct expiring_lot {
    goods what;
    lot_line lot;
};

}  // namespace kieng::inventory
