// One product per CSV record: the columns of import and export. Source: docs/openapi.yaml (importProducts). Pure, thread safe.
#pragma once

#include "node/catalog/csv.hpp"
#include "node/catalog/product_change.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

inline constexpr std::array<std::string_view, 14> kCsvColumns{
    "sku",         "name", "description", "price",   "currency", "compareAtPrice", "category",
    "subcategory", "tags", "brand",       "barcode", "imageUrl", "status",         "slug"};

// Which column stands where: kCsvColumns' index of each cell.
using csv_header = std::vector<std::size_t>;
// Errors: csv_invalid (an unknown column, one named twice, no sku).
[[nodiscard]] result<csv_header> read_csv_header(const csv_record& record);

// What a record wants, or what is wrong with it; faults carry the column's name, or none for the whole record, as their pointer.
struct csv_row {
    std::string sku;
    product_change change;  // without the SKU
    std::vector<field_fault> faults;
};
// An empty cell clears a field that may be empty, and leaves currency, status and slug as they are.
[[nodiscard]] csv_row read_csv_row(const csv_header& header, const csv_record& record);

// The column a fault of a product (a JSON pointer) belongs to; empty for none.
[[nodiscard]] std::string csv_column_of(std::string_view pointer);

void append_csv_header(std::string& out);
void append_csv_row(std::string& out, const product& p);

}  // namespace kieng::catalog
