#include "node/inventory/inventory_service.hpp"

#include "base/json_text.hpp"
#include "node/catalog/edit_failures.hpp"
#include "node/inventory/stock_announcement.hpp"
#include "node/inventory/stock_json.hpp"
#include "node/inventory/stock_list_store.hpp"
#include "node/inventory/stock_store.hpp"

#include <array>
#include <functional>

namespace kieng::inventory {
namespace {

enum class rule : std::uint8_t { threshold = 1, track, backorder, lots };
constexpr std::array kRules{rule::threshold, rule::track, rule::backorder, rule::lots};

std::string_view name_of(rule r) noexcept
{
    switch (r) {
    case rule::threshold: return "lowStockThreshold";
    case rule::track: return "trackInventory";
    case rule::backorder: return "backorder";
    case rule::lots: return "lotTracked";
    }
    return {};
}

void append_value(std::string& out, rule r, const stock_rules& of)
{
    switch (r) {
    case rule::threshold: return append_number(out, of.low_stock_threshold);
    case rule::track: out += json_bool(of.track_inventory); return;
    case rule::backorder: out += json_bool(of.backorder); return;
    case rule::lots: out += json_bool(of.lot_tracked); return;
    }
}

std::string value_of(rule r, const stock_rules& of)
{
    std::string out;
    append_value(out, r, of);
    return out;
}

std::vector<rule> differences(const stock_rules& a, const stock_rules& b)
{
    std::vector<rule> out;
    for (const auto r : kRules) {
        if (value_of(r, a) != value_of(r, b)) out.push_back(r);
    }
    return out;
}

result<void> check(const stock_rules& wanted)
{
    if (wanted.lot_tracked && !wanted.track_inventory)
        return invalid("/lotTracked", fault_code::depends, "trackInventory: true");
    if (wanted.lot_tracked && wanted.backorder)
        return invalid("/lotTracked", fault_code::depends, "backorder: false");
    return {};
}

template <class T>
task<result<T>> read(store::database& from, std::function<T(store::tx&)> look)
{
    co_return co_await from.query(std::move(look));
}

}  // namespace

std::vector<std::string> inventory_service::commit(store::tx& on,
                                                   const std::vector<std::string>& orders,
                                                   const identity::actor& who) const
{
    return stock_store::commit(on, orders, who.user_id);
}

std::vector<std::string> inventory_service::release(store::tx& on,
                                                    const std::vector<std::string>& orders,
                                                    bool expired, const identity::actor& who) const
{
    return stock_store::release(on, orders, expired, who.user_id);
}

std::vector<std::string> inventory_service::restock(store::tx& on, const std::string& order,
                                                    const std::vector<std::string>& variants,
                                                    const std::vector<std::int64_t>& quantities,
                                                    const identity::actor& who) const
{
    return stock_store::restock(on, order, variants, quantities, movement_kind::customer_return,
                                who.user_id);
}

void inventory_service::announce(store::tx& on, const std::vector<std::string>& variants,
                                 std::string_view why, const std::string& order) const
{
    announce_stock(on, variants, why, order);
}

void inventory_service::announce_low(
    store::tx& on, const std::vector<std::pair<std::string, std::string>>& which) const
{
    inventory::announce_low(on, which);
}

std::vector<std::string> inventory_service::expired_orders(store::tx& on, int most) const
{
    return stock_store::expired_orders(on, most);
}

task<result<inventory_service::seen_page<stock_line>>> inventory_service::levels(stock_query query)
{
    // A search is two statements: one snapshot for both.
    std::function<catalog::page<stock_line>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) {
            return stock_list_store::levels(on, query).value;
        };
    co_return co_await reads_.read(std::move(look));
}

task<result<inventory_service::seen_page<movement>>> inventory_service::movements(
    movement_query query)
{
    std::function<seen_page<movement>(store::tx&)> look = [query =
                                                               std::move(query)](store::tx& on) {
        return stock_list_store::movements(on, query);
    };
    return read(reads_, std::move(look));
}

task<result<inventory_service::seen_page<expiring_lot>>> inventory_service::expiring(
    lot_query query)
{
    std::function<seen_page<expiring_lot>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) { return stock_list_store::expiring(on, query); };
    return read(reads_, std::move(look));
}

task<result<inventory_service::seen_page<reservation>>> inventory_service::reservations(
    reservation_query query)
{
    std::function<seen_page<reservation>(store::tx&)> look = [query =
                                                                  std::move(query)](store::tx& on) {
        return stock_list_store::reservations(on, query);
    };
    return read(reads_, std::move(look));
}

task<result<store::seen<std::optional<stock_card>>>> inventory_service::card(std::string variant_id)
{
    // Two statements: one snapshot for both.
    std::function<std::optional<stock_card>(store::tx&)> look =
        [id = std::move(variant_id)](store::tx& on) {
            return stock_list_store::card(on, id).value;
        };
    co_return co_await reads_.read(std::move(look));
}

result<store::answer> inventory_service::set_rules_in(store::tx& on, const identity::actor& who,
                                                      const std::string& variant_id,
                                                      const rules_change& wanted) const
{
    const auto now = stock_store::lock_rules(on, variant_id);
    if (!now) return failure(errc::not_found);
    if (!wanted.version) return catalog::with_version(errc::version_required, now->version);
    const auto next = apply(now->rules, wanted);
    const auto changed = differences(now->rules, next);
    // Earlier versions are not kept: whoever started from one sees what is different now.
    if (*wanted.version != now->version && (!changed.empty() || *wanted.version > now->version))
        return catalog::conflict_failure<rule, stock_rules>(now->version, nullptr, now->rules, next,
                                                            changed);
    if (!changed.empty()) {
        const auto fine = check(next);
        if (!fine) return fine.error();
        if (!stock_store::set_rules(on, variant_id, next, who.user_id))
            return failure(errc::insufficient_stock);
        std::string details = "{";
        for (const auto r : changed) catalog::append_change(details, r, now->rules, next);
        log_.audit(on, who, {"stock.rules", "stock", variant_id, details + "}"});
        announce_stock(on, {variant_id}, "rules", "");
    }
    const auto card = stock_list_store::card(on, variant_id);
    store::answer out{200, {}, {{"ETag", "\"" + std::to_string(card.value->version) + "\""}}};
    append_card(out.body, *card.value);
    return out;
}

task<result<store::written>> inventory_service::set_rules(identity::actor who, store::write_key key,
                                                          std::string variant_id,
                                                          rules_change wanted)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(variant_id),
                                          wanted = std::move(wanted)](store::tx& on) {
        return set_rules_in(on, who, id, wanted);
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

}  // namespace kieng::inventory
