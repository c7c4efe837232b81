// All SQL of categories. Functions take the caller's transaction and run on a pool thread; database errors throw.
#pragma once

#include "node/catalog/category.hpp"
#include "node/catalog/product_query.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::catalog::category_store {

// Serialises changes of the tree until the end of the transaction: cycles, depth and paths are judged on a tree that stands still.
void lock_tree(store::tx& on);

[[nodiscard]] std::optional<category> find(store::tx& on, const std::string& id);
[[nodiscard]] store::seen<std::optional<category>> read(store::tx& on, const std::string& id);
// By slug or id, in the order asked; nothing where there is none. Locks them against deletion until the end of the transaction.
[[nodiscard]] std::vector<std::optional<category>> resolve(
    store::tx& on, const std::vector<std::string>& references);
[[nodiscard]] std::optional<category> child_named(store::tx& on, const std::string& parent_id,
                                                  const std::string& name);

[[nodiscard]] bool slug_taken(store::tx& on, const std::string& slug,
                              const std::string& by_other_than);
[[nodiscard]] std::string free_slug(store::tx& on, const std::string& stem);
// Levels below a category: 0 when it has no children.
[[nodiscard]] std::size_t levels_below(store::tx& on, const category& top);
// Whether categories or goods belong to it.
[[nodiscard]] bool in_use(store::tx& on, const std::string& id);
// Whether a product names a category outside `top`'s subtree as category and one inside as subcategory; then it may not move away.
[[nodiscard]] bool holds_subcategories_of_others(store::tx& on, const category& top);

// `c.path` is set by the caller. Fills in the times.
void insert(store::tx& on, category& c);
// Writes `after` over `before`, moves the paths below, keeps what `before` was (`was` as JSON). Returns the ids below it, whose paths moved.
std::vector<std::string> update(store::tx& on, const category& before, category& after,
                                const std::string& was, const std::string& by);
void remove(store::tx& on, const std::string& id);
[[nodiscard]] std::optional<std::string> version_json(store::tx& on, const std::string& id,
                                                      std::int64_t version);

struct category_query {
    std::optional<std::string> parent;  // id, slug or "root"
    std::optional<std::string> q;       // folded
    int limit = 20;
    std::string after;  // path the page before ended with
    bool total = false;
};
// The next cursor is the last path, as it is.
[[nodiscard]] store::seen<page<category>> list(store::tx& on, const category_query& query);

}  // namespace kieng::catalog::category_store
