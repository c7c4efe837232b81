// Inventory as the rest of the node sees it: its parts, wired. Thread safe as its members are.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/identity/audit_service.hpp"
#include "node/inventory/document_service.hpp"
#include "node/inventory/inventory_service.hpp"
#include "node/inventory/location_service.hpp"
#include "node/platform/http/route.hpp"

#include <string>
#include <vector>

namespace kieng::inventory {

class inventory {
public:
    // `currency`: what a document without one gets. The database, the unit of work, the clock and the generator must outlive this.
    inventory(std::string currency, store::database& database, store::unit_of_work& work,
              const clock& now, random& bits);

    [[nodiscard]] std::vector<http::route> routes();
    [[nodiscard]] inventory_service& stock() noexcept { return stock_; }
    [[nodiscard]] document_service& documents() noexcept { return documents_; }
    [[nodiscard]] location_service& locations() noexcept { return locations_; }

private:
    const clock& now_;
    identity::audit_service log_;
    inventory_service stock_;
    location_service locations_;
    document_service documents_;
};

}  // namespace kieng::inventory
