// Stock as other capabilities and the routes use it: what orders do to it, what it is, and its rules.
// Thread safe; calls come from coroutines on an io_context, those with a transaction from inside a unit of work.
#pragma once

#include "node/catalog/product_query.hpp"
#include "node/identity/audit_service.hpp"
#include "node/inventory/stock_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::inventory {

class inventory_service {
public:
    inventory_service(store::database& reads, store::unit_of_work& work,
                      const identity::audit_service& log)
        : reads_(reads),
          work_(work),
          log_(log)
    {}

    // ---- for orders, in their own unit of work. Holding is the SQL function stock_hold, part of placing an order. The caller has locked
    // the rows of the orders. Each returns the variants whose stock changed, for announce(); a second call changes nothing.

    // What the orders hold becomes sold.
    std::vector<std::string> commit(store::tx& on, const std::vector<std::string>& orders,
                                    const identity::actor& who) const;
    // What they hold is free again; with `expired` only where its time is over.
    std::vector<std::string> release(store::tx& on, const std::vector<std::string>& orders,
                                     bool expired, const identity::actor& who) const;
    // Sold goods of an order come back to where they were taken from; never more of them than were taken.
    std::vector<std::string> restock(store::tx& on, const std::string& order,
                                     const std::vector<std::string>& variants,
                                     const std::vector<std::int64_t>& quantities,
                                     const identity::actor& who) const;
    // InventoryUpdatedEvent with what these variants have now; `why` is what happened: "commit", "release", "sale", "customer_return".
    void announce(store::tx& on, const std::vector<std::string>& variants, std::string_view why,
                  const std::string& order) const;
    // LowStock for each (variant, location) that stock_hold reported with ord = 0.
    void announce_low(store::tx& on,
                      const std::vector<std::pair<std::string, std::string>>& which) const;
    // Orders with goods held beyond their time, the longest first. Locks nothing: the caller locks the order and looks again.
    [[nodiscard]] std::vector<std::string> expired_orders(store::tx& on, int most) const;

    // ---- reads; each says which position it shows. Errors: database_unavailable, overloaded.
    template <class Item>
    using seen_page = store::seen<catalog::page<Item>>;
    task<result<seen_page<stock_line>>> levels(stock_query query);
    task<result<seen_page<movement>>> movements(movement_query query);
    task<result<seen_page<expiring_lot>>> expiring(lot_query query);
    task<result<seen_page<reservation>>> reservations(reservation_query query);
    task<result<store::seen<std::optional<stock_card>>>> card(std::string variant_id);

    // Changes the rules of a variant, at all places.
    // Errors: not_found, version_required, version_conflict, validation_failed, insufficient_stock (more is promised than is there, and
    // selling beyond it would be forbidden), those of unit_of_work::run.
    task<result<store::written>> set_rules(identity::actor who, store::write_key key,
                                           std::string variant_id, rules_change wanted);

private:
    result<store::answer> set_rules_in(store::tx& on, const identity::actor& who,
                                       const std::string& variant_id,
                                       const rules_change& wanted) const;

    store::database& reads_;
    store::unit_of_work& work_;
    const identity::audit_service& log_;
};

}  // namespace kieng::inventory
