// The tables cash_sessions and cash_movements. Functions run inside a transaction and return values; database errors throw.
#pragma once

#include "node/payments/cash_session.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

// False: the till has an open session in this currency.
[[nodiscard]] bool insert_session(store::tx& on, const cash_session& what);
[[nodiscard]] std::optional<cash_session> find_session(store::tx& on, const std::string& id);
// Waits for sales that are being written down into it.
[[nodiscard]] std::optional<cash_session> lock_session(store::tx& on, const std::string& id);
// The open session of a till, kept open until the end of the transaction; empty: there is none.
[[nodiscard]] std::string open_session_of(store::tx& on, const std::string& till,
                                          const std::string& currency);
// Keeps a session open until the end of the transaction; false: it is closed.
[[nodiscard]] bool hold_open(store::tx& on, const std::string& id);
void add_movement(store::tx& on, const std::string& session, const drawer_movement& what,
                  const std::string& node);

[[nodiscard]] std::vector<drawer_total> drawer_totals(store::tx& on, const std::string& session);
[[nodiscard]] std::vector<method_total> sales_totals(store::tx& on, const std::string& session);
[[nodiscard]] std::vector<drawer_movement> movements_of(store::tx& on, const std::string& session);

// Writes the count, and gives the session the next Z number of its till.
[[nodiscard]] cash_session close_session(store::tx& on, const cash_session& what);

struct session_filter {
    std::optional<std::string> till, cashier;
    std::optional<bool> open;
    std::optional<wall_time> before_at;
    std::string before_id;
    int limit = 20;
};
[[nodiscard]] std::vector<cash_session> list_sessions(store::tx& on, const session_filter& what);

// Writes a sale at the counter down; false: cash, and the till has no open session and none may be made.
struct counter_payment {
    std::string id, order_id, order_number, account, seller;
    method how = method::cash;
    money amount;
    std::optional<std::int64_t> tendered;
    std::optional<std::string> till;
    bool recover = false;
    std::string new_session;  // id of the session that may have to be made
};
[[nodiscard]] bool insert_counter_payment(store::tx& on, const counter_payment& what,
                                          const std::string& node);

}  // namespace kieng::payments
