#include "node/catalog/product_rows_store.hpp"

#include "node/catalog/pg_text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kieng::catalog::product_store {
namespace {

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

std::string text(const pqxx::field& f)
{
    return std::string(f.c_str(), f.size());
}

std::optional<std::string> text_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return text(f);
}

std::optional<std::int64_t> number_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return number_of(view(f));
}

std::vector<image> images_of(const pqxx::row& r)
{
    std::vector<image> out;
    auto urls = texts_of(view(r[15]));
    auto alts = texts_of(view(r[16]));
    const auto primary = number_or_none(r[17]).value_or(0);
    for (std::size_t i = 0; i < urls.size() && i < alts.size(); ++i)
        out.push_back(
            {std::move(urls[i]), std::move(alts[i]), static_cast<std::int64_t>(i) + 1 == primary});
    return out;
}

product product_of(const pqxx::row& r)
{
    product p;
    auto& f = p.fields;
    p.id = text(r[1]);
    f.name = text(r[2]);
    f.slug = text(r[3]);
    f.sku = text(r[4]);
    f.description = text(r[5]);
    f.price = number_of(view(r[6]));
    f.currency = text(r[7]);
    f.compare_at_price = number_or_none(r[8]);
    f.category = {text(r[10]), text(r[9])};
    f.subcategory = {text(r[12]), text(r[11])};
    f.tags = texts_of(view(r[13]));
    f.brand = text_or_none(r[14]);
    f.images = images_of(r);
    f.seo = {text_or_none(r[18]), text_or_none(r[19]), texts_of(view(r[20]))};
    const auto stored = static_cast<status>(number_of(view(r[21])));
    p.scheduled = stored == status::scheduled;
    f.status = p.scheduled ? status::active : stored;
    if (!r[22].is_null()) f.published_at = time_of(view(r[22]));
    p.price_version = number_of(view(r[23]));
    p.version = number_of(view(r[24]));
    p.created_at = time_of(view(r[25]));
    p.updated_at = time_of(view(r[26]));
    p.updated_by = text(r[27]);
    p.changed = texts_of(view(r[28]));
    return p;
}

struct placed_variant {
    std::int64_t position;
    variant what;
};

placed_variant variant_of(const pqxx::row& r)
{
    return {number_of(view(r[7])),
            {text(r[2]), text(r[3]), text_or_none(r[4]), text(r[5]), number_or_none(r[6])}};
}

}  // namespace

store::loaded<product> products_of(const pqxx::result& rows, const std::vector<std::string>& ids)
{
    store::loaded<product> out;
    out.values.resize(ids.size());
    std::unordered_map<std::string, std::pair<std::optional<product>, std::vector<placed_variant>>>
        found;
    for (const auto& r : rows) {
        const char kind = r[0].c_str()[0];
        if (kind == '0')
            out.pos = number_of(view(r[1]));
        else if (kind == '1')
            found[text(r[1])].first = product_of(r);
        else
            found[text(r[1])].second.push_back(variant_of(r));
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto at = found.find(ids[i]);
        if (at == found.end() || !at->second.first) continue;
        auto& [p, variants] = at->second;
        std::sort(variants.begin(), variants.end(),
                  [](const auto& a, const auto& b) { return a.position < b.position; });
        for (auto& v : variants) p->fields.variants.push_back(std::move(v.what));
        variants.clear();  // a key may stand twice: the variants are in the product by then
        out.values[i] = *p;
    }
    return out;
}

}  // namespace kieng::catalog::product_store
