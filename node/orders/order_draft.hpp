// An order as its sender wants it, before anybody looked whether it can be. Plain values.
#pragma once

#include "base/clock.hpp"
#include "node/orders/order.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::orders {

inline constexpr std::size_t kMaxLines = 200;
inline constexpr std::int64_t kMaxQuantity = 1'000'000'000;

// What one line asks for: a variant, or a product's default one, at the price its sender was shown.
struct wanted_line {
    std::string product_id, variant_id;  // one of them may be empty
    std::int64_t quantity = 1;
    std::int64_t expected_price = 0;
    std::int64_t price_version = 1;
};

struct counter_payment {
    payment_method method = payment_method::cash;
    std::int64_t amount = 0;
    std::optional<std::int64_t> tendered;  // cash in hand; the rest is change
};

// What stands in the body of POST /orders or POST /pos/sales.
struct new_order {
    std::vector<wanted_line> lines;
    payment_method method = payment_method::cash;
    std::optional<std::string> customer;          // JSON
    std::optional<std::string> shipping_address;  // JSON
    std::optional<std::string> note;
    std::optional<std::string> version;
    // At the counter:
    std::vector<counter_payment> payments;
    std::optional<std::string> till;
    std::optional<std::string> customer_id;
    bool offline = false;
    bool over_stock = true;  // false: rather be refused than put the book right
    std::optional<wall_time> sold_at;
};

// The same with all that decides how it is placed. Owns everything: it may be placed again after a commit in doubt.
struct order_draft {
    std::string id;  // made before, so that it is the same in every attempt
    new_order what;
    channel through = channel::online;
    std::string customer_id, guest_id;  // empty: none
    std::string actor;                  // user id, or empty
    std::string principal, key;         // whose it is, and which of theirs
    std::int64_t request_hash = 0;      // tells its repeat from another request with the same key
    bool finished = false;              // goods and money have changed hands
    bool beyond_stock = false;          // what the book does not have is found first
};

}  // namespace kieng::orders
