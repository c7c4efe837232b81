// Reading and writing products: all SQL of products but that of lists. Functions take the caller's transaction and run on a pool
// thread. Database errors throw; expected conflicts come back as values.
#pragma once

#include "node/catalog/product_change.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/read_batcher.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog::product_store {

// Products by id, one statement for all. For store::read_batcher.
[[nodiscard]] store::loaded<product> load(store::tx& on, const std::vector<std::string>& ids);

// Locks the product until the end of the transaction and reads it as it is now.
[[nodiscard]] std::optional<product> lock(store::tx& on, const std::string& id);

// Where a slug or code leads. `pos` is the position of the statement's snapshot.
struct slug_target {
    std::string product_id;    // empty: nothing has or had this slug
    std::string present_slug;  // differs from the one asked for when that is an old one
    std::int64_t pos = 0;
};
[[nodiscard]] slug_target find_slug(store::tx& on, const std::string& slug);

struct code_target {
    std::string product_id;  // empty: no variant has this code
    std::string variant_id;
    bool by_barcode = false;
    std::int64_t pos = 0;
};
[[nodiscard]] code_target find_code(store::tx& on, const std::string& code);

// Whose SKUs these are, in the same order; the products are locked in the order of their ids.
struct sku_owner {
    std::string product_id;   // empty: nobody's
    bool is_default = false;  // of the default variant, so the product's own
};
[[nodiscard]] std::vector<sku_owner> owners_of(store::tx& on, const std::vector<std::string>& skus);

// Texts in NFC.
[[nodiscard]] std::vector<std::string> normalised(store::tx& on,
                                                  const std::vector<std::string>& texts);

// Locks slugs, SKUs and barcodes that are about to be used until the end of the transaction; call once per unit, before taken().
void lock_codes(store::tx& on, const std::vector<std::string>& slugs,
                const std::vector<std::string>& skus, const std::vector<std::string>& barcodes);

// What of these another product has.
struct taken_codes {
    bool slug = false;
    std::vector<std::string> skus;
    std::vector<std::string> barcodes;
};
[[nodiscard]] taken_codes taken(store::tx& on, const std::string& product_id,
                                const std::string& slug, const std::vector<std::string>& skus,
                                const std::vector<std::string>& barcodes);
// `stem`, or `stem-2`, `stem-3`, ...: the first number behind all in use.
[[nodiscard]] std::string free_slug(store::tx& on, const std::string& stem);
[[nodiscard]] std::string free_sku(store::tx& on, const std::string& stem);

// Writes a new product; its codes are locked and free. Fills in the times.
void insert(store::tx& on, product& p);
// Writes `after` over `before` (version, price version and times are set in `after`), and keeps what `before` was.
void update(store::tx& on, const product& before, product& after);
void remove(store::tx& on, const product& p);

// An earlier version as JSON, if it is still kept.
[[nodiscard]] std::optional<std::string> version_json(store::tx& on, const std::string& id,
                                                      std::int64_t version);

struct price_change {
    std::int64_t price_version = 1;
    std::int64_t seq = 0;
    std::string variant_id;
    std::optional<std::int64_t> old_price, new_price;
    std::string currency;
    wall_time at{};
    std::string by;
};
struct kept_version {
    std::int64_t version = 1;
    std::vector<std::string> changed;
    wall_time at{};
    std::string by;
    std::string product;  // JSON
};
// Latest first, behind (price_version, seq) or version; none: from the start.
[[nodiscard]] std::vector<price_change> price_changes(store::tx& on, const std::string& id,
                                                      std::int64_t before_version,
                                                      std::int64_t before_seq, int limit);
[[nodiscard]] std::vector<kept_version> versions(store::tx& on, const std::string& id,
                                                 std::int64_t before, int limit);

}  // namespace kieng::catalog::product_store
