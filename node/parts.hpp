// Everything a node is made of, wired in the order in which the parts need each other.
//
// Constructing opens nothing; start_parts/stop order is app.cpp's. Thread safe as its members are.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/catalog.hpp"
#include "node/cluster_part.hpp"
#include "node/cluster_routes.hpp"
#include "node/event_hub.hpp"
#include "node/identity/identity.hpp"
#include "node/inventory/inventory.hpp"
#include "node/orders/orders.hpp"
#include "node/payments/payments.hpp"
#include "node/payments/shop_orders.hpp"
#include "node/platform/cache/response_cache.hpp"
#include "node/platform/http/server.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/event_feed.hpp"
#include "node/platform/store/unit_of_work.hpp"
#include "node/platform/telemetry/metrics.hpp"
#include "node/positions.hpp"
#include "node/settings.hpp"
#include "node/system_routes.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace kieng::node {

class parts {
public:
    explicit parts(const settings& how);

    [[nodiscard]] health_view health() const;

    const settings& how;
    const std::string boot_id;
    const steady_time began;
    std::atomic<bool> started{false};  // migrated, first owner there

    history_losses losses;
    store::database database;
    store::event_feed feed;
    cache::response_cache cache;
    std::unique_ptr<cluster_part> membership;
    view_watch views;
    store::unit_of_work writes;
    identity::identity people;
    catalog::catalog goods;
    inventory::inventory stock;
    orders::orders sales;
    payments::shop_orders sales_desk;  // as payments see them
    payments::payments money;
    positions history;
    event_hub events;
    telemetry::metrics metrics;
    http::server server;

private:
    [[nodiscard]] std::vector<http::route> routes();
    [[nodiscard]] event_sources sources();
    void listen_to_history();
    void reload_revocations();
    [[nodiscard]] cluster_surroundings surroundings();
    void describe_to_metrics();
    void begin_sweeps();
};

// The boot id goes into the names of the sessions, so that peers can tell a restart.
[[nodiscard]] store::database_options database_options(const settings& how,
                                                       const std::string& boot_id);
// Of a connection that serves: it tells `losses` when PostgreSQL turns out to be another server. They must outlive it.
[[nodiscard]] store::database_options database_options(const settings& how,
                                                       const std::string& boot_id,
                                                       history_losses& losses);

}  // namespace kieng::node
