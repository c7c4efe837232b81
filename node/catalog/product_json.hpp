// The wire form of products: strict reading, writing by hand. Schemas: docs/openapi.yaml (Product, ProductInput, ProductPatch).
// Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/catalog/product_change.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

enum class form : std::uint8_t { create = 1, replace, patch };

// A request's body. What `replace` leaves out goes back to its default, except slug, sku, status and currency.
// Errors: malformed_json, validation_failed. With the latter `refused`, if given, gets what could be read, for a look at what only the
// database knows.
[[nodiscard]] result<product_change> read_product(std::string_view body, form as,
                                                  product_change* refused = nullptr);

// Appends the product as an object; `merged` becomes a member when it is not empty.
void append_product(std::string& out, const product& p, const std::vector<field>& merged = {});
// Appends the value of one field.
void append_value(std::string& out, field f, const product_fields& of);

// The fields of a product that append_product wrote (earlier versions, kept as jsonb).
// Throws std::runtime_error if it is none: then the database was changed by another hand.
[[nodiscard]] product_fields read_stored(std::string_view json);

}  // namespace kieng::catalog
