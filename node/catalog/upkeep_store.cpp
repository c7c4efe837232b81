#include "node/catalog/upkeep_store.hpp"

#include "node/platform/store/tx.hpp"

namespace kieng::catalog {
namespace {

constexpr store::statement kExpireVersions{"catalog_expire_versions", R"sql(
    DELETE FROM product_versions
     WHERE (product_id, version) IN (
        SELECT product_id, version FROM product_versions WHERE superseded_at < clock_timestamp() - interval '90 days'
         ORDER BY superseded_at LIMIT $1::bigint))sql"};

}  // namespace

std::int64_t expire_versions(store::tx& on, std::int64_t most)
{
    return static_cast<std::int64_t>(on.exec(kExpireVersions, most).affected_rows());
}

}  // namespace kieng::catalog
