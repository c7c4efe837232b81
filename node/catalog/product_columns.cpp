#include "node/catalog/product_columns.hpp"

#include <algorithm>
#include <optional>

namespace kieng::catalog::product_store {
namespace {

std::string array_of(const std::vector<std::string>& texts)
{
    array_text out;
    for (const auto& text : texts) out.add(text);
    return out.text();
}

}  // namespace

std::string codes_text(const product_fields& f)
{
    std::string out;
    for (const auto& v : f.variants) out += v.sku + ' ' + v.barcode.value_or("") + ' ';
    return out;
}

void product_columns::add(const catalog::product& p)
{
    const auto& f = p.fields;
    id.add(p.id);
    status.add(static_cast<std::int64_t>(stored_status(p)));
    if (f.published_at)
        published.add(static_cast<std::int64_t>(f.published_at->time_since_epoch().count()));
    else
        published.add(std::optional<std::int64_t>());
    price.add(f.price);
    compare.add(f.compare_at_price);
    currency.add(f.currency);
    slug.add(f.slug);
    sku.add(f.sku);
    category.add_or_null(f.category.id);
    subcategory.add_or_null(f.subcategory.id);
    variants.add(static_cast<std::int64_t>(f.variants.size()));
    array_text url_texts, alt_texts;
    std::optional<std::int64_t> marked;
    for (std::size_t i = 0; i < f.images.size(); ++i) {
        url_texts.add(f.images[i].url);
        alt_texts.add(f.images[i].alt);
        if (f.images[i].primary) marked = static_cast<std::int64_t>(i) + 1;
    }
    primary.add(marked);
    urls.add(url_texts.text());
    alts.add(alt_texts.text());
    seo_title.add(f.seo.title);
    seo_description.add(f.seo.description);
    seo_keywords.add(array_of(f.seo.keywords));
    name.add(f.name);
    description.add(f.description);
    brand.add(f.brand);
    tags.add(array_of(f.tags));
    std::string label_text = f.brand.value_or("");
    for (const auto& tag : f.tags) label_text += ' ' + tag;
    labels.add(label_text);
    codes.add(codes_text(f));
}

void variant_columns::add(const catalog::product& p)
{
    std::int64_t at = 0;
    for (const auto& v : p.fields.variants) {
        id.add(v.id);
        product.add(p.id);
        position.add(at++);
        sku.add(v.sku);
        barcode.add(v.barcode);
        attributes.add(v.attributes);
        price.add(v.price);
    }
}

void label_columns::add(const catalog::product& p)
{
    const auto one = [&](std::int64_t of_kind, const std::string& text) {
        kind.add(of_kind);
        name.add(text);
        status.add(static_cast<std::int64_t>(stored_status(p)));
        product.add(p.id);
        ++count;
    };
    for (const auto& tag : p.fields.tags) one(1, tag);
    if (p.fields.brand) one(2, *p.fields.brand);
}

void price_columns::add(const catalog::product& was, const catalog::product& is)
{
    if (was.price_version == is.price_version) return;
    std::int64_t next = 0;
    const auto note = [&](const std::string& id, const std::optional<std::int64_t>& from,
                          const std::optional<std::int64_t>& to) {
        product.add(is.id);
        price_version.add(is.price_version);
        seq.add(next++);
        variant.add_or_null(id);
        before.add(from);
        after.add(to);
        currency.add(is.fields.currency);
        ++count;
    };
    if (was.fields.price != is.fields.price || was.fields.currency != is.fields.currency)
        note("", was.fields.price, is.fields.price);
    const auto find = [](const std::vector<catalog::variant>& in, const std::string& id) {
        return std::find_if(in.begin(), in.end(),
                            [&](const catalog::variant& v) { return v.id == id; });
    };
    for (const auto& v : is.fields.variants) {
        const auto at = find(was.fields.variants, v.id);
        const auto from = at == was.fields.variants.end() ? std::nullopt : at->price;
        if (from != v.price) note(v.id, from, v.price);
    }
    for (const auto& v : was.fields.variants) {
        const bool gone = find(is.fields.variants, v.id) == is.fields.variants.end();
        if (gone && v.price) note(v.id, v.price, std::nullopt);
    }
}

}  // namespace kieng::catalog::product_store
