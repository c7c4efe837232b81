#include "node/catalog/product_announcement.hpp"
#include "node/platform/store/tx.hpp"

#include <utility>

namespace kieng::catalog {

void announce_product(store::tx& on, const product* before, const product* after)
{
    on.announce(product_event(before, after));
}

void announce_category(store::tx& on, const std::string& id, std::int64_t version,
                       std::vector<std::string> tags)
{
    on.announce({"CategoryUpdatedEvent", "category", id, version, std::move(tags), "{}"});
}

}  // namespace kieng::catalog
