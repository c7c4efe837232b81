// Reading and writing products: all SQL of products but that of lists. Functions take the caller's transaction and run on a pool
// thread. Database errors throw; expected conflicts come back as values.
#pragma once

#include "node/catalog/product_change.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/read_batcher.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <cstdint>
#include <map>
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

// Locks the products that have these SKUs, in the order of their ids, and reads them.
[[nodiscard]] std::vector<product> lock_by_skus(store::tx& on,
                                                const std::vector<std::string>& skus);

// Texts in NFC.
[[nodiscard]] std::vector<std::string> normalised(store::tx& on,
                                                  const std::vector<std::string>& texts);

// What only one product may have.
struct codes {
    std::vector<std::string> slugs, skus, barcodes;
    [[nodiscard]] bool empty() const { return slugs.empty() && skus.empty() && barcodes.empty(); }
};
// Locks codes that are about to be used until the end of the transaction. Rows of products are locked before, never behind.
void lock_codes(store::tx& on, const codes& which);
// What of these another product than `product_id` (empty: none) has.
[[nodiscard]] codes taken(store::tx& on, const std::string& product_id, const codes& which);
// `stem`, or `stem-2`, `stem-3`, ...: the first number behind all in use that no other unit is about to use; locked without ever waiting.
// Somebody may have committed it a moment before, so ask taken().
[[nodiscard]] std::string pick_slug(store::tx& on, const std::string& stem);
[[nodiscard]] std::string pick_sku(store::tx& on, const std::string& stem);
// Several per stem.
[[nodiscard]] std::map<std::string, std::vector<std::string>> pick_slugs(
    store::tx& on, const std::map<std::string, std::int64_t>& stems);

// Writes new products; their codes are locked and free. Fills in the times.
void insert(store::tx& on, const std::vector<product*>& goods);
// Writes `after` over `before` (version, price version and editor are set in `after`) and keeps what it was; at most one per product and
// call. Fills in the times. What nobody asks for in the same unit travels with the commit.
struct rewrite {
    const product* before;
    product* after;
};
void update(store::tx& on, const std::vector<rewrite>& goods);
void remove(store::tx& on, const product& p);
// Whether orders or the ledger of stock name it, or one of these variants: then they stay. The caller has locked the product.
[[nodiscard]] bool is_referenced(store::tx& on, const std::string& product_id);
[[nodiscard]] bool are_referenced(store::tx& on, const std::vector<std::string>& variants);

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
