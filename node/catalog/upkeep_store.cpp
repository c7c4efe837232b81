#include "node/catalog/upkeep_store.hpp"

#include "node/catalog/product_announcement.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <string>
#include <vector>

namespace kieng::catalog {
namespace {

constexpr store::statement kExpireVersions{"catalog_expire_versions", R"sql(
    DELETE FROM product_versions
     WHERE (product_id, version) IN (
        SELECT product_id, version FROM product_versions WHERE superseded_at < clock_timestamp() - interval '90 days'
         ORDER BY superseded_at LIMIT $1::bigint))sql"};

// Version and time of the last edit stay: nobody edited it. Statuses: 2 active, 4 scheduled.
constexpr store::statement kPublish{"catalog_publish", R"sql(
    WITH due AS MATERIALIZED (
        SELECT id FROM products WHERE status = 4 AND published_at <= now() ORDER BY published_at LIMIT $1::bigint FOR NO KEY UPDATE SKIP LOCKED),
    labels AS (UPDATE product_labels SET status = 2 WHERE status = 4 AND product_id IN (SELECT id FROM due))
    UPDATE products SET status = 2 WHERE id IN (SELECT id FROM due) RETURNING id)sql"};

constexpr store::statement kAnythingDue{
    "catalog_anything_due",
    "SELECT EXISTS (SELECT FROM products WHERE status = 4 AND published_at <= now())"};

}  // namespace

bool anything_to_publish(store::tx& on)
{
    return on.exec(kAnythingDue).front()[0].c_str()[0] == 't';
}

std::int64_t publish_due(store::tx& on, std::int64_t most)
{
    std::vector<std::string> ids;
    for (const auto& row : on.exec(kPublish, most)) ids.emplace_back(row[0].c_str());
    if (ids.empty()) return 0;
    for (auto& p : product_store::load(on, ids).values) {
        if (!p) continue;
        p->changed = {std::string(name_of(field::published_at))};
        product before = *p;
        before.scheduled = true;
        announce_product(on, &before, &*p);
    }
    return static_cast<std::int64_t>(ids.size());
}

std::int64_t expire_versions(store::tx& on, std::int64_t most)
{
    return static_cast<std::int64_t>(on.exec(kExpireVersions, most).affected_rows());
}

}  // namespace kieng::catalog
