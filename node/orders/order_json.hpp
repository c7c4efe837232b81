// The wire form of orders: strict reading, and writing straight into text. docs/openapi.yaml. Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/orders/order.hpp"
#include "node/orders/order_draft.hpp"
#include "node/orders/order_service.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::orders {

// Errors: malformed_json, validation_failed.
[[nodiscard]] result<new_order> read_order(std::string_view body);
[[nodiscard]] result<new_order> read_counter_sale(std::string_view body);

// The body of a step: all of it may be left out, and so may the body.
struct step_input {
    std::optional<std::string> reason;
    std::optional<std::string> carrier, tracking_number;  // ship
    struct line {
        int line = 1;
        std::int64_t quantity = 1;
        bool restock = true;
    };
    std::vector<line> lines;             // return; empty: all that is not back yet
    std::optional<std::int64_t> amount;  // refund; none: all that is left
    std::optional<std::int64_t> row_version;
};
enum class step_form : std::uint8_t { plain = 1, ship, give_back, refund };
// Errors: malformed_json, validation_failed.
[[nodiscard]] result<step_input> read_step(std::string_view body, step_form as);

void append_order(std::string& out, const order& what);
void append_order(std::string& out, const shown_order& what);
// {"items":[...],"nextCursor":...}: without lines.
void append_page(std::string& out, const std::vector<order>& items,
                 const std::optional<std::string>& next);
void append_status(std::string& out, const order& what);
// What POST /orders answers, and POST /pos/sales with `payments`, a JSON array, and the change.
[[nodiscard]] std::string placed_body(const order& what);
[[nodiscard]] std::string sold_body(const order& what, std::string_view payments,
                                    std::int64_t change);

}  // namespace kieng::orders
