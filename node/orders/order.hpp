// An order, and the only ways it may change. Pure values: no clock, no database, no JSON. docs/ORDERS.md tells the rules with their reasons.
//
// The numbers of enumerators are stored (V007__orders.sql); the names are sent.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::orders {

enum class status : std::uint8_t {
    created = 1,
    pending,
    paid,
    confirmed,
    processing,
    shipped,
    delivered,
    cancelled,
    failed,
    returned,
    refunded,
};
inline constexpr std::array kStatuses{status::created,   status::pending,    status::paid,
                                      status::confirmed, status::processing, status::shipped,
                                      status::delivered, status::cancelled,  status::failed,
                                      status::returned,  status::refunded};

struct edge {
    status from, to;
};
// Every step an order may take: the one table of them.
inline constexpr std::array kEdges{
    edge{status::created, status::pending},      edge{status::created, status::cancelled},
    edge{status::created, status::failed},       edge{status::pending, status::paid},
    edge{status::pending, status::confirmed},    edge{status::pending, status::cancelled},
    edge{status::pending, status::failed},       edge{status::paid, status::confirmed},
    edge{status::paid, status::cancelled},       edge{status::confirmed, status::processing},
    edge{status::confirmed, status::cancelled},  edge{status::processing, status::shipped},
    edge{status::processing, status::delivered}, edge{status::processing, status::cancelled},
    edge{status::shipped, status::delivered},    edge{status::shipped, status::returned},
    edge{status::delivered, status::refunded},   edge{status::delivered, status::returned},
    edge{status::refunded, status::returned},    edge{status::returned, status::refunded},
};

[[nodiscard]] constexpr bool may_become(status from, status to) noexcept
{
    for (const auto& one : kEdges)
        if (one.from == from && one.to == to) return true;
    return false;
}
// Where an order may go from here, in the order of the statuses.
[[nodiscard]] std::vector<status> next_of(status from);

// What the counter sale of goods over the counter has behind it, all at once.
inline constexpr std::array kCounterSteps{status::created,   status::pending,    status::paid,
                                          status::confirmed, status::processing, status::delivered};

enum class channel : std::uint8_t { online = 1, pos };
enum class payment_method : std::uint8_t {
    cash = 1,
    bank_transfer,
    cod,
    vnpay,
    mock,
    card,
    on_account,
};
enum class payment_status : std::uint8_t {
    unpaid = 1,
    authorized,
    paid,
    partially_refunded,
    refunded,
    cod_pending,
};
enum class fulfillment_status : std::uint8_t {
    unfulfilled = 1,
    partial,
    shipped,
    delivered,
    returned,
};

[[nodiscard]] std::string_view name_of(status s) noexcept;
[[nodiscard]] std::string_view name_of(channel c) noexcept;
[[nodiscard]] std::string_view name_of(payment_method m) noexcept;
[[nodiscard]] std::string_view name_of(payment_status s) noexcept;
[[nodiscard]] std::string_view name_of(fulfillment_status s) noexcept;
[[nodiscard]] std::optional<status> status_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<channel> channel_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<payment_method> payment_method_named(std::string_view name) noexcept;

// How an order may be paid that is placed online, and how one at the counter.
inline constexpr std::array<std::string_view, 6> kOnlineMethods{
    "cash", "bank_transfer", "cod", "vnpay", "mock", "on_account"};
inline constexpr std::array<std::string_view, 4> kCounterMethods{"cash", "bank_transfer", "card",
                                                                 "vnpay"};

// Goods that are handed over before they are paid: staff approves such an order, no payment does.
[[nodiscard]] constexpr bool is_approved_unpaid(payment_method m) noexcept
{
    return m == payment_method::cod || m == payment_method::on_account;
}
// How long the goods of a pending order are held: longer than its gateway takes, a day where people have to act.
[[nodiscard]] std::chrono::seconds hold_of(payment_method m) noexcept;

struct order_line {
    int line = 1;
    std::string product_id, variant_id;
    std::string sku, name;
    std::optional<std::string> image;
    std::string attributes = "{}";  // JSON
    std::int64_t quantity = 0;
    std::int64_t unit_price = 0;
    std::int64_t price_version = 1;
    std::int64_t returned = 0;
    bool offline_price = false;
};

struct order {
    std::string id, number;
    status at = status::created;
    channel through = channel::online;
    payment_method method = payment_method::cash;
    payment_status payment = payment_status::unpaid;
    fulfillment_status fulfillment = fulfillment_status::unfulfilled;
    std::string currency;
    std::int64_t total = 0, paid = 0, refunded = 0, refund_due = 0;
    std::int64_t version = 1;
    std::string location_id;
    std::string customer_id, guest_id;            // empty: none
    std::optional<std::string> customer;          // JSON as given
    std::optional<std::string> shipping_address;  // JSON as given
    std::optional<std::string> note, reason;
    wall_time created_at{}, updated_at{};
    std::optional<wall_time> expires_at, delivered_at, sold_at;
    std::vector<order_line> lines;
};

struct history_entry {
    int seq = 1;
    std::optional<status> from;
    status to = status::created;
    std::optional<std::string> actor, reason;
    std::string node;
    wall_time at{};
};

// What the money that came in and went back makes of an order.
[[nodiscard]] payment_status payment_of(const order& of) noexcept;

}  // namespace kieng::orders
