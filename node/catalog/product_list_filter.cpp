#include "node/catalog/product_list_filter.hpp"

namespace kieng::catalog {

list_filter::list_filter(const product_filter& of) : of_(of)
{
    for (const status s : of.statuses)
        statuses_ += (statuses_.empty() ? "" : ",") + std::to_string(static_cast<int>(s));
}

std::string list_filter::add(std::string value, const char* cast)
{
    parameters_.push_back(std::move(value));
    return "$" + std::to_string(parameters_.size()) + cast;
}

std::string list_filter::status_condition() const
{
    return has_one_status() ? "p.status = " + statuses_ : "p.status = ANY ('{" + statuses_ + "}')";
}

std::string list_filter::leaves()
{
    if (!of_.category) return "";
    const bool is_id = parse_uuid(*of_.category).has_value();
    const std::string root = is_id ? "r.id = " + add(*of_.category, "::uuid")
                                   : "r.slug = " + add(*of_.category, "::text");
    return "leaves AS MATERIALIZED (SELECT c.id FROM categories r JOIN categories c "
           "ON c.id = r.id OR (c.path > r.path || '/' AND c.path < r.path || '0') WHERE " +
           root + "),\n";
}

const std::string& list_filter::facets()
{
    if (!facets_.empty()) return facets_;
    std::string all;
    if (of_.tag) all += "product_facet('t:', " + add(*of_.tag, "::text") + ")";
    if (of_.brand)
        all +=
            (all.empty() ? "" : ", ") + ("product_facet('b:', " + add(*of_.brand, "::text") + ")");
    if (!all.empty()) facets_ += " AND p.facets @> ARRAY[" + all + "]";
    if (of_.category)
        facets_ += " AND p.facets && (SELECT array_agg(product_facet('c:', id::text)) FROM leaves)";
    return facets_;
}

const std::string& list_filter::prices()
{
    if (!prices_.empty()) return prices_;
    if (of_.min_price)
        prices_ += " AND p.price >= " + add(std::to_string(*of_.min_price), "::bigint");
    if (of_.max_price)
        prices_ += " AND p.price <= " + add(std::to_string(*of_.max_price), "::bigint");
    return prices_;
}

}  // namespace kieng::catalog
