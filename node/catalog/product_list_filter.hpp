// Conditions of a list's statement, and the values they take as parameters. Conditions begin with " AND " and are about a row `p`, which is
// one of products or of product_search: both have the columns that are named here. Pure; used by one statement at a time.
#pragma once

#include "node/catalog/product_query.hpp"

#include <string>
#include <vector>

namespace kieng::catalog {

class list_filter {
public:
    // `of` must outlive this.
    explicit list_filter(const product_filter& of);

    // Adds a value; its name in the text, with a cast.
    std::string add(std::string value, const char* cast);
    [[nodiscard]] std::vector<std::string> take() { return std::move(parameters_); }

    [[nodiscard]] bool has_one_status() const { return of_.statuses.size() == 1; }
    [[nodiscard]] const std::string& statuses() const { return statuses_; }  // "1,2"
    [[nodiscard]] std::string status_condition() const;                      // without " AND "

    // The category and what is below it, as a CTE that facets() uses; empty without a category.
    std::string leaves();
    // Category, tag and brand. All indexes that give an order hold them, and the one of product_search gathers by them.
    const std::string& facets();
    const std::string& prices();

private:
    const product_filter& of_;
    std::string statuses_, facets_, prices_;
    std::vector<std::string> parameters_;
};

}  // namespace kieng::catalog
