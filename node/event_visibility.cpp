#include "node/event_visibility.hpp"

#include "node/identity/permissions.hpp"

#include <algorithm>
#include <array>

namespace kieng::node {
namespace {

constexpr std::array kTable{
    visibility_row{"ProductUpdatedEvent", circle::products},
    visibility_row{"CategoryUpdatedEvent", circle::goods},
    visibility_row{"InventoryUpdatedEvent", circle::stock},
    visibility_row{"LowStock", circle::stock},
    visibility_row{"LocationUpdatedEvent", circle::stock},
    visibility_row{"SessionEndedEvent", circle::account},
    visibility_row{"UserUpdatedEvent", circle::account},
    visibility_row{"UserRightsChangedEvent", circle::account},
    visibility_row{"OrderPlacedEvent", circle::orders},
    visibility_row{"OrderConfirmedEvent", circle::orders},
    visibility_row{"OrderCancelledEvent", circle::orders},
    visibility_row{"OrderUpdatedEvent", circle::orders},
    visibility_row{"OrderRefundRequestedEvent", circle::orders},
    visibility_row{"ShipmentUpdated", circle::orders},
    visibility_row{"PaymentCompletedEvent", circle::orders},
    visibility_row{"PaymentUpdatedEvent", circle::orders},
    visibility_row{"RefundUpdatedEvent", circle::orders},
    visibility_row{"CashSessionUpdatedEvent", circle::tills},
};

// What the nodes announce about themselves.
constexpr std::string_view kCluster = "cluster";
constexpr std::string_view kUserTag = "user:";

std::string account_of(const store::event& what)
{
    if (what.entity == "user") return what.entity_id;
    for (const auto& tag : what.tags) {
        if (tag.starts_with(kUserTag)) return tag.substr(kUserTag.size());
    }
    return {};
}

}  // namespace

audience audience_of(const store::event& what)
{
    if (what.entity == kCluster) return {circle::everybody, {}};
    const auto* const found =
        std::find_if(kTable.begin(), kTable.end(),
                     [&](const visibility_row& row) { return row.type == what.type; });
    if (found == kTable.end()) return {};
    const bool of_one = found->who == circle::account || found->who == circle::orders;
    return {found->who, of_one ? account_of(what) : std::string()};
}

sight sight_of(const audience& of, const http::caller& who) noexcept
{
    switch (of.who) {
    case circle::nobody: break;
    case circle::everybody: return sight::whole;
    case circle::goods: return who.may(identity::catalog_read) ? sight::whole : sight::nothing;
    case circle::products:
        if (who.may(identity::catalog_read_all)) return sight::whole;
        return who.may(identity::catalog_read) ? sight::bare : sight::nothing;
    case circle::account:
        if (who.may(identity::users_manage)) return sight::whole;
        return who.signed_in() && who.user_id == of.account ? sight::whole : sight::nothing;
    case circle::tills: return who.may(identity::cash_session) ? sight::whole : sight::nothing;
    case circle::stock: return who.may(identity::stock_read) ? sight::whole : sight::nothing;
    case circle::orders:
        if (who.may(identity::orders_read_all)) return sight::whole;
        return who.signed_in() && who.user_id == of.account ? sight::whole : sight::nothing;
    }
    return sight::nothing;
}

std::span<const visibility_row> visibility_table() noexcept
{
    return kTable;
}

}  // namespace kieng::node
