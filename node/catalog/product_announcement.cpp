#include "node/catalog/product_announcement.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <set>

namespace kieng::catalog {
namespace {

// Tags of the keys a product is looked up by.
std::set<std::string> keys_of(const product* p)
{
    std::set<std::string> out;
    if (!p) return out;
    out.insert("slug:" + p->fields.slug);
    for (const auto& v : p->fields.variants) {
        out.insert("sku:" + v.sku);
        if (v.barcode) out.insert("barcode:" + *v.barcode);
    }
    return out;
}

std::string data_of(const product* before, const product* after)
{
    const product& p = after ? *after : *before;
    std::string out = R"({"status":")";
    out += name_of(p.fields.status);
    if (after) {
        out += R"(","price":)";
        append_number(out, p.fields.price);
        out += R"(,"currency":")" + p.fields.currency + R"(","priceVersion":)";
        append_number(out, p.price_version);
        out += R"(,"changed":)";
        append_texts(out, p.changed);
    } else {
        out += R"(","deleted":true)";
    }
    return out + "}";
}

}  // namespace

store::event product_event(const product* before, const product* after)
{
    const product& p = after ? *after : *before;
    store::event out{"ProductUpdatedEvent",
                     "product",
                     p.id,
                     p.version + (after ? 0 : 1),
                     {"product:" + p.id, "list:products"},
                     data_of(before, after)};
    const auto was = keys_of(before), is = keys_of(after);
    std::set_symmetric_difference(was.begin(), was.end(), is.begin(), is.end(),
                                  std::back_inserter(out.tags));
    const bool seen_differently =
        !before || !after || stored_status(*before) != stored_status(*after);
    const auto tags_of = [](const product* of) {
        return of ? of->fields.tags : std::vector<std::string>();
    };
    const auto brand_of = [](const product* of) { return of ? of->fields.brand : std::nullopt; };
    const auto tags_were = tags_of(before), tags_are = tags_of(after);
    const auto brand_was = brand_of(before), brand_is = brand_of(after);
    if (tags_were != tags_are || (seen_differently && !(tags_were.empty() && tags_are.empty())))
        out.tags.emplace_back("list:tags");
    if (brand_was != brand_is || (seen_differently && (brand_was || brand_is)))
        out.tags.emplace_back("list:brands");
    return out;
}

}  // namespace kieng::catalog
