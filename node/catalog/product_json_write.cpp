#include "base/json_text.hpp"
#include "node/catalog/product_json.hpp"

namespace kieng::catalog {
namespace {

void append_images(std::string& out, const std::vector<image>& images)
{
    out += '[';
    for (const auto& i : images) {
        if (out.back() != '[') out += ',';
        out += R"({"url":)";
        append_json_string(out, i.url);
        out += R"(,"alt":)";
        append_json_string(out, i.alt);
        out += i.primary ? R"(,"isPrimary":true})" : R"(,"isPrimary":false})";
    }
    out += ']';
}

void append_variants(std::string& out, const std::vector<variant>& variants)
{
    out += '[';
    bool first = true;
    for (const auto& v : variants) {
        if (!first) out += ',';
        first = false;
        out += R"({"id":")";
        out += v.id;
        out += R"(","sku":)";
        append_json_string(out, v.sku);
        out += R"(,"barcode":)";
        append_optional(out, v.barcode);
        out += R"(,"attributes":)";
        out += v.attributes;
        out += R"(,"price":)";
        append_optional(out, v.price);
        out += '}';
    }
    out += ']';
}

void append_seo(std::string& out, const seo& s)
{
    out += R"({"title":)";
    append_optional(out, s.title);
    out += R"(,"description":)";
    append_optional(out, s.description);
    out += R"(,"keywords":)";
    append_texts(out, s.keywords);
    out += '}';
}

void append_category(std::string& out, std::string_view name, const category_ref& c)
{
    out += ",\"";
    out += name;
    out += "\":";
    append_text_or_null(out, c.slug);
    out += ",\"";
    out += name;
    out += "Id\":";
    append_text_or_null(out, c.id);
}

}  // namespace

void append_value(std::string& out, field f, const product_fields& of)
{
    switch (f) {
    case field::name: return append_json_string(out, of.name);
    case field::slug: return append_json_string(out, of.slug);
    case field::sku: return append_json_string(out, of.sku);
    case field::description: return append_json_string(out, of.description);
    case field::price: return append_number(out, of.price);
    case field::currency: return append_json_string(out, of.currency);
    case field::compare_at_price: return append_optional(out, of.compare_at_price);
    case field::category: return append_text_or_null(out, of.category.slug);
    case field::subcategory: return append_text_or_null(out, of.subcategory.slug);
    case field::tags: return append_texts(out, of.tags);
    case field::brand: return append_optional(out, of.brand);
    case field::images: return append_images(out, of.images);
    case field::variants: return append_variants(out, of.variants);
    case field::seo: return append_seo(out, of.seo);
    case field::status: return append_json_string(out, name_of(of.status));
    case field::published_at:
        if (of.published_at)
            append_time(out, *of.published_at);
        else
            out += "null";
        return;
    }
}

void append_product(std::string& out, const product& p, const std::vector<field>& merged)
{
    const auto& f = p.fields;
    const auto member = [&](field which) {
        out += ",\"";
        out += name_of(which);
        out += "\":";
        append_value(out, which, f);
    };
    out += R"({"id":")";
    out += p.id;
    out += '"';
    for (const field which : {field::name, field::slug, field::sku, field::description,
                              field::price, field::currency, field::compare_at_price})
        member(which);
    append_category(out, "category", f.category);
    append_category(out, "subcategory", f.subcategory);
    for (const field which : {field::tags, field::brand, field::images, field::variants, field::seo,
                              field::status, field::published_at})
        member(which);
    out += R"(,"priceVersion":)";
    append_number(out, p.price_version);
    out += R"(,"version":)";
    append_number(out, p.version);
    out += R"(,"createdAt":)";
    append_time(out, p.created_at);
    out += R"(,"updatedAt":)";
    append_time(out, p.updated_at);
    if (!merged.empty()) {
        out += R"(,"merged":[)";
        for (const field which : merged) {
            if (out.back() != '[') out += ',';
            append_json_string(out, name_of(which));
        }
        out += ']';
    }
    out += '}';
}

}  // namespace kieng::catalog
