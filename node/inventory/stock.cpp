#include "node/inventory/stock.hpp"

#include <array>

namespace kieng::inventory {
namespace {

// In the order of the enumerators.
constexpr std::array kKinds{std::string_view("receive"),
                            std::string_view("customer_return"),
                            std::string_view("opening"),
                            std::string_view("sale"),
                            std::string_view("return_to_supplier"),
                            std::string_view("destroy"),
                            std::string_view("adjust"),
                            std::string_view("transfer_out"),
                            std::string_view("transfer_in"),
                            std::string_view("reserve"),
                            std::string_view("release"),
                            std::string_view("commit")};
static_assert(kKinds.size() == static_cast<std::size_t>(kLastMovementKind));

}  // namespace

std::string_view name_of(movement_kind kind) noexcept
{
    return kKinds[static_cast<std::size_t>(kind) - 1];
}

std::optional<movement_kind> movement_kind_named(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (kKinds[i] == name) return static_cast<movement_kind>(i + 1);
    }
    return std::nullopt;
}

std::vector<std::string_view> movement_kind_names()
{
    return {kKinds.begin(), kKinds.end()};
}

std::string_view name_of(reservation_state state) noexcept
{
    switch (state) {
    case reservation_state::held: return "held";
    case reservation_state::committed: return "committed";
    case reservation_state::released: return "released";
    case reservation_state::expired: return "expired";
    }
    return {};
}

stock_rules apply(stock_rules base, const rules_change& change) noexcept
{
    if (change.low_stock_threshold) base.low_stock_threshold = *change.low_stock_threshold;
    if (change.track_inventory) base.track_inventory = *change.track_inventory;
    if (change.backorder) base.backorder = *change.backorder;
    if (change.lot_tracked) base.lot_tracked = *change.lot_tracked;
    return base;
}

std::string_view stock_line::level() const noexcept
{
    if (!rules.track_inventory) return "untracked";
    if (available() <= 0) return "out";
    return available() <= rules.low_stock_threshold ? "low" : "enough";
}

}  // namespace kieng::inventory
