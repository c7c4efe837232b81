#include "node/catalog/product_history_json.hpp"

#include "base/json_text.hpp"

namespace kieng::catalog {
namespace {

void append(std::string& out, const product_store::price_change& c)
{
    out += R"({"priceVersion":)";
    append_number(out, c.price_version);
    out += R"(,"variantId":)";
    append_text_or_null(out, c.variant_id);
    out += R"(,"oldPrice":)";
    append_optional(out, c.old_price);
    out += R"(,"newPrice":)";
    append_optional(out, c.new_price);
    out += R"(,"currency":")" + c.currency + R"(","changedAt":)";
    append_time(out, c.at);
    out += R"(,"changedBy":)";
    append_text_or_null(out, c.by);
    out += '}';
}

void append(std::string& out, const product_store::kept_version& v)
{
    out += R"({"version":)";
    append_number(out, v.version);
    out += R"(,"changed":)";
    append_texts(out, v.changed);
    out += R"(,"changedAt":)";
    append_time(out, v.at);
    out += R"(,"changedBy":)";
    append_text_or_null(out, v.by);
    out += R"(,"product":)";
    out += v.product;
    out += '}';
}

template <class Item>
void append_all(std::string& out, const std::vector<Item>& items,
                const std::optional<std::string>& next)
{
    out += R"({"items":[)";
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        append(out, item);
    }
    out += ']';
    if (next) out += R"(,"nextCursor":)" + json_string(*next);
    out += '}';
}

}  // namespace

void append_page(std::string& out, const std::vector<product_store::price_change>& items,
                 const std::optional<std::string>& next)
{
    append_all(out, items, next);
}

void append_page(std::string& out, const std::vector<product_store::kept_version>& items,
                 const std::optional<std::string>& next)
{
    append_all(out, items, next);
}

}  // namespace kieng::catalog
