#include "node/identity/permissions.hpp"

#include <initializer_list>

namespace kieng::identity {
namespace {

http::permission_set set_of(std::initializer_list<http::permission> permissions) noexcept
{
    http::permission_set out;
    for (const auto& p : permissions) out.set(p.bit);
    return out;
}

}  // namespace

std::optional<http::permission_set> permissions_of(std::string_view role) noexcept
{
    static const auto anonymous = set_of({system_read, session_open, session_close, catalog_read,
                                          events_read, orders_own, payments_notify});
    static const auto customer = anonymous | set_of({account_self, requests_resolve});
    static const auto staff =
        customer | set_of({catalog_read_all, stock_read, orders_read_all, orders_manage});
    static const auto cashier = staff | set_of({pos_sell, pos_sell_over_stock, cash_session});
    static const auto warehouse = staff | set_of({stock_write});
    static const auto manager =
        cashier | warehouse |
        set_of({catalog_write, catalog_import, catalog_export, cluster_operate, stock_adjust,
                orders_refund, cash_approve, payments_manage, dead_letters_manage});
    static const auto owner = manager | set_of({users_manage, audit_read});

    if (role == "anonymous") return anonymous;
    if (role == "customer") return customer;
    if (role == "cashier") return cashier;
    if (role == "warehouse") return warehouse;
    if (role == "manager") return manager;
    if (role == "owner") return owner;
    return std::nullopt;
}

}  // namespace kieng::identity
