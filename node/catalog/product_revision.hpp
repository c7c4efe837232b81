// The steps that one edit and an import of many have in common: what a new product begins with, what a change makes of it, what is said
// of it. Pure functions, thread safe.
#pragma once

#include "node/catalog/product_change.hpp"
#include "node/catalog/product_store.hpp"
#include "node/identity/audit.hpp"

#include <functional>
#include <string>

namespace kieng::catalog {

// What a new product's slug and SKU are made of if the request names none.
[[nodiscard]] std::string default_slug(const product_change& wanted);
[[nodiscard]] std::string default_sku(const std::string& slug);

// A new product as wanted; `slug`, `sku` and `currency` stand where the request names none.
// Errors: validation_failed.
struct beginning {
    std::string slug, sku, currency, by;
    wall_time now;
};
[[nodiscard]] result<product> begin(beginning with, const product_change& wanted,
                                    const category_choice& categories, const make_id& new_id);

// Whether `after.fields` is a step from `before`; sets what goes along: changed fields, versions, editor, whether it is to be published
// later. False: nothing changed.
// Errors: status_transition_refused.
[[nodiscard]] result<bool> settle(const product& before, product& after, const std::string& by,
                                  wall_time now);

// The codes that `after` has and `before` (null: a new product) has not.
[[nodiscard]] product_store::codes new_codes(const product_fields* before,
                                             const product_fields& after);
// slug_taken, sku_taken or barcode_taken with the fields that name them.
[[nodiscard]] failure taken_failure(const product_store::codes& taken, const product_fields& f);

// The line of the audit log: created (`before` null), changed, or deleted (`after` null).
[[nodiscard]] identity::audit_entry audit_line_of(const product* before, const product* after);

// All texts that people wrote.
void each_text(product_change& c, const std::function<void(std::string&)>& visit);

}  // namespace kieng::catalog
