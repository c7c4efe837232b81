// A row of a list, as list_sql and pages_sql give it: position, tier, key, then what a product_summary holds.
// Included by *_store.cpp files only. Pure functions, thread safe. Throw std::runtime_error for what PostgreSQL does not write.
#pragma once

#include "node/catalog/product_query.hpp"

#include <pqxx/pqxx>

#include <string>

namespace kieng::catalog {

[[nodiscard]] product_summary summary_of(const pqxx::row& row);
// The same as JSON, from the row's bytes to the text without anything between.
void append_summary_row(std::string& out, const pqxx::row& row);

}  // namespace kieng::catalog
