#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <string_view>

namespace kieng::catalog::product_store {
namespace {

using store::statement;

// Both functions belong to stock and orders: they know who names goods.
constexpr statement kProduct{"catalog_is_referenced",
                             "SELECT product_is_referenced($1::uuid) AS named"};
constexpr statement kVariants{"catalog_are_referenced",
                              "SELECT variants_are_referenced($1::uuid[]) AS named"};

bool is_true(const pqxx::field& of)
{
    return std::string_view(of.c_str()) == "t";
}

}  // namespace

bool is_referenced(store::tx& on, const std::string& product_id)
{
    return is_true(on.exec(kProduct, product_id).front()[0]);
}

bool are_referenced(store::tx& on, const std::vector<std::string>& variants)
{
    return is_true(on.exec(kVariants, store::array_literal(variants)).front()[0]);
}

}  // namespace kieng::catalog::product_store
