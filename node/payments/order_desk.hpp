// What payments need of orders, inside a transaction: whose order it is, what is still to be paid, and to tell what became of the money.
//
// lock() comes first in every transaction that changes a payment: order rows are locked before payments. Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>

namespace kieng::payments {

// Who asks: everything, or what is theirs.
struct viewer {
    bool all = false;
    std::string account, guest;

    [[nodiscard]] bool may_see(const std::string& of_account,
                               const std::string& of_guest) const noexcept
    {
        return all || (!account.empty() && account == of_account) ||
               (!guest.empty() && guest == of_guest);
    }
};

struct payable {
    std::string id, number;
    std::string account, guest;   // the buyer; one of them or neither
    money due;                    // total less what was paid
    bool open = false;            // money is still welcome
    std::int64_t refund_due = 0;  // of what it took, still to go back
    std::string standing;         // its status, for people
    std::optional<wall_time> held_until;
};

class order_desk {
public:
    virtual ~order_desk() = default;

    // Nothing: there is no such order.
    [[nodiscard]] virtual std::optional<payable> lock(store::tx& on, const std::string& id) = 0;
    // Money came in. False: the order does not take it (any more), and it has to go back.
    [[nodiscard]] virtual bool paid(store::tx& on, const std::string& id, std::int64_t amount,
                                    const std::string& actor) = 0;
    // The last attempt failed.
    virtual void given_up(store::tx& on, const std::string& id, const std::string& reason) = 0;
    // Outside of any transaction: whether there is such an order, and `by` may see it. Errors: not_found, database_unavailable, overloaded.
    virtual task<result<void>> check_sight(std::string id, viewer by) = 0;
    // Money that the order had taken went back.
    virtual void refunded(store::tx& on, const std::string& id, std::int64_t amount,
                          const std::string& actor) = 0;
};

}  // namespace kieng::payments
