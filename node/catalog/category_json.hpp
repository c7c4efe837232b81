// The wire form of categories. Schemas: docs/openapi.yaml (Category, CategoryInput, CategoryPatch). Pure functions.
#pragma once

#include "node/catalog/category.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

// Errors: malformed_json, validation_failed.
[[nodiscard]] result<category_change> read_category(std::string_view body, form as);
void append_category(std::string& out, const category& c,
                     const std::vector<category_field>& merged = {});
void append_value(std::string& out, category_field f, const category_fields& of);
void append_page(std::string& out, const page<category>& of);
// The fields of an earlier version. Throws std::runtime_error if it is none.
[[nodiscard]] category_fields read_stored_category(std::string_view json);
[[nodiscard]] std::string stored_category(const category_fields& fields);

}  // namespace kieng::catalog
