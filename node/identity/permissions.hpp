// Every permission of the product, and which role has which. The one table of rights; docs/openapi.yaml (x-roles) shows
// the same and a test compares them.
#pragma once

#include "node/platform/http/permission.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace kieng::identity {

inline constexpr http::permission system_read{"system.read", 0, true};
inline constexpr http::permission session_open{"session.open", 1, true};
inline constexpr http::permission session_close{"session.close", 2, true};
inline constexpr http::permission account_self{"account.self", 3};
inline constexpr http::permission users_manage{"users.manage", 4};
inline constexpr http::permission audit_read{"audit.read", 5};
inline constexpr http::permission catalog_read{"catalog.read", 6};
inline constexpr http::permission catalog_read_all{"catalog.read_all", 7};
inline constexpr http::permission catalog_write{"catalog.write", 8};
inline constexpr http::permission catalog_import{"catalog.import", 9};
inline constexpr http::permission catalog_export{"catalog.export", 10};
inline constexpr http::permission events_read{"events.read", 11};
inline constexpr http::permission requests_resolve{"requests.resolve", 12};
inline constexpr http::permission cluster_operate{"cluster.operate", 13};
inline constexpr http::permission stock_read{"stock.read", 15};
inline constexpr http::permission stock_write{"stock.write", 16};
inline constexpr http::permission stock_adjust{"stock.adjust", 17};
inline constexpr http::permission orders_own{"orders.own", 18};
inline constexpr http::permission orders_read_all{"orders.read_all", 19};
inline constexpr http::permission orders_manage{"orders.manage", 20};
inline constexpr http::permission orders_refund{"orders.refund", 21};
inline constexpr http::permission pos_sell{"pos.sell", 22};
inline constexpr http::permission pos_sell_over_stock{"pos.sell_over_stock", 23};
inline constexpr http::permission cash_session{"cash.session", 24};
inline constexpr http::permission cash_approve{"cash.approve", 25};
inline constexpr http::permission payments_notify{"payments.notify", 26, true};
inline constexpr http::permission payments_manage{"payments.manage", 27};
inline constexpr http::permission dead_letters_manage{"dead_letters.manage", 28};
// No role has it: only another node's signature opens these routes.
inline constexpr http::permission cluster_peer{"cluster.peer", 14, false, true};

inline constexpr std::array kRoles{std::string_view("anonymous"), std::string_view("customer"),
                                   std::string_view("cashier"),   std::string_view("warehouse"),
                                   std::string_view("manager"),   std::string_view("owner")};

// What a role may do; nothing for a role that does not exist.
[[nodiscard]] std::optional<http::permission_set> permissions_of(std::string_view role) noexcept;

}  // namespace kieng::identity
