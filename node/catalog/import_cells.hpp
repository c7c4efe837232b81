// Looking at the cells of one line of an import. Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/catalog/product_change.hpp"

#include <string>
#include <vector>

namespace kieng::catalog {

// The text of a cell; nullptr where the line says nothing or clears it.
[[nodiscard]] inline const std::string* text_in(const clearable<std::string>& cell)
{
    return cell && *cell ? &**cell : nullptr;
}

// What a line must have to become a new product.
[[nodiscard]] inline std::vector<field_fault> missing_in(const product_change& wanted)
{
    std::vector<field_fault> out;
    if (!wanted.name) out.push_back({"name", fault_code::required, {}});
    if (!wanted.price) out.push_back({"price", fault_code::required, {}});
    return out;
}

}  // namespace kieng::catalog
