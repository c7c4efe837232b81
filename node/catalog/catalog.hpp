// The catalogue as the rest of the node sees it: its parts, wired. Thread safe as its members are.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/category_service.hpp"
#include "node/catalog/import_service.hpp"
#include "node/catalog/product_service.hpp"
#include "node/identity/audit_service.hpp"
#include "node/platform/http/route.hpp"

#include <string>
#include <vector>

namespace kieng::catalog {

class catalog {
public:
    // `currency`: what a product without one gets. The database, the unit of work, the clock and the generator must outlive this.
    catalog(std::string currency, store::database& database, store::unit_of_work& work,
            const clock& now, random& bits);

    [[nodiscard]] std::vector<http::route> routes();
    [[nodiscard]] product_service& products() noexcept { return products_; }
    [[nodiscard]] category_service& categories() noexcept { return categories_; }
    // CSV without HTTP, as `kieng-node import` reads it.
    [[nodiscard]] import_service& imports() noexcept { return imports_; }

private:
    identity::audit_service log_;
    product_editor editor_;
    product_service products_;
    category_service categories_;
    import_service imports_;
};

}  // namespace kieng::catalog
