// Reading back what the database keeps of earlier versions: written by us, so not strict.
#include "node/catalog/product_json.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kieng::catalog {
namespace {

using json = nlohmann::json;

std::optional<std::string> text_or_none(const json& value)
{
    if (value.is_null()) return std::nullopt;
    return value.get<std::string>();
}

std::optional<std::int64_t> number_or_none(const json& value)
{
    if (value.is_null()) return std::nullopt;
    return value.get<std::int64_t>();
}

product_fields stored_fields(const json& o)
{
    product_fields f;
    f.name = o.at("name").get<std::string>();
    f.slug = o.at("slug").get<std::string>();
    f.sku = o.at("sku").get<std::string>();
    f.description = o.at("description").get<std::string>();
    f.price = o.at("price").get<std::int64_t>();
    f.currency = o.at("currency").get<std::string>();
    f.compare_at_price = number_or_none(o.at("compareAtPrice"));
    f.category = {text_or_none(o.at("categoryId")).value_or(""),
                  text_or_none(o.at("category")).value_or("")};
    f.subcategory = {text_or_none(o.at("subcategoryId")).value_or(""),
                     text_or_none(o.at("subcategory")).value_or("")};
    f.tags = o.at("tags").get<std::vector<std::string>>();
    f.brand = text_or_none(o.at("brand"));
    for (const auto& i : o.at("images"))
        f.images.push_back({i.at("url").get<std::string>(), i.at("alt").get<std::string>(),
                            i.at("isPrimary").get<bool>()});
    for (const auto& v : o.at("variants")) {
        const auto attributes = v.at("attributes").get<std::map<std::string, std::string>>();
        f.variants.push_back({v.at("id").get<std::string>(), v.at("sku").get<std::string>(),
                              text_or_none(v.at("barcode")), canonical_attributes(attributes),
                              number_or_none(v.at("price"))});
    }
    const auto& s = o.at("seo");
    f.seo = {text_or_none(s.at("title")), text_or_none(s.at("description")),
             s.at("keywords").get<std::vector<std::string>>()};
    f.status = status_named(o.at("status").get<std::string>()).value_or(status::draft);
    if (const auto at = text_or_none(o.at("publishedAt"))) f.published_at = from_iso8601(*at);
    return f;
}

}  // namespace

product_fields read_stored(std::string_view text)
{
    try {
        return stored_fields(json::parse(text));
    } catch (const json::exception& e) {
        throw std::runtime_error(std::string("a stored product version cannot be read: ") +
                                 e.what());
    }
}

}  // namespace kieng::catalog
