// The drawer of a till from its opening float to its count, and its reports. Plain values.
#pragma once

#include "base/clock.hpp"
#include "base/money.hpp"
#include "node/payments/cash.hpp"
#include "node/payments/payment.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::payments {

struct cash_session {
    std::string id, till, cashier;
    bool open = true;
    bool recovery = false;  // opened by a sale that found none open
    std::string currency;
    std::int64_t opening_float = 0;
    std::optional<std::int64_t> expected, counted, z_number;  // set when it is closed
    std::vector<note_count> notes;
    std::string note, approved_by, closed_by;
    wall_time opened_at{};
    std::optional<wall_time> closed_at;
    std::int64_t version = 1;
};

struct drawer_movement {
    std::int64_t id = 0;
    drawer kind = drawer::sale;
    std::int64_t amount = 0;  // with its sign
    std::string payment_id, refund_id, reason, actor;
    wall_time at{};
};

struct drawer_total {
    drawer kind = drawer::sale;
    std::int64_t count = 0, amount = 0;
};
struct method_total {
    method how = method::cash;
    std::int64_t count = 0, amount = 0;
};

// While the session is open an interim (X) report, afterwards the final (Z) one.
struct cash_report {
    cash_session of;
    std::vector<drawer_total> drawer;
    std::vector<method_total> sales;
    std::int64_t expected = 0;
    std::vector<drawer_movement> movements;  // the newest, at most 200
};

struct cash_opening {
    std::string till, currency;
    std::int64_t opening_float = 0;
    std::string note;
};
struct cash_transfer {
    drawer kind = drawer::cash_in;  // or cash_out
    std::int64_t amount = 0;
    std::string reason;
};
struct cash_closing {
    std::vector<note_count> notes;
    std::optional<std::int64_t> counted;  // instead of notes
    std::string note;
    bool accept_difference = false;
};

}  // namespace kieng::payments
