#include "base/json_reader.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_json.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <map>
#include <set>

namespace kieng::catalog {
namespace {

using json = nlohmann::json;
using need = object_reader::need;

constexpr text_rule kAnyText{0, std::numeric_limits<std::size_t>::max(), true};
constexpr std::int64_t kMaxVersion = 9'007'199'254'740'991;

// Reads the members of one request; faults gather in the vector the reader was made with.
class product_reader {
public:
    product_reader(object_reader& from, std::vector<field_fault>& faults, form as)
        : from_(from),
          faults_(faults),
          as_(as)
    {}

    product_change read()
    {
        product_change c;
        const need must = as_ == form::patch ? need::optional : need::required;
        c.name = text("name", must, [](std::string_view t) { return check_text(t, kNameRule); });
        c.slug = text("slug", need::optional, check_slug);
        c.sku = text("sku", need::optional, check_code);
        read_description(c);
        refuse_null("price");
        c.price = from_.integer("price", must, 0, kMaxMoney);
        c.currency = text("currency", need::optional, check_currency);
        c.compare_at_price = clearable_price("compareAtPrice");
        const auto reference = [](std::string_view t) { return check_text(t, kCategoryRefRule); };
        c.category = clearable_text("category", reference);
        c.subcategory = clearable_text("subcategory", reference);
        c.brand =
            clearable_text("brand", [](std::string_view t) { return check_text(t, kBrandRule); });
        read_tags(c);
        read_images(c);
        read_variants(c);
        read_seo(c);
        read_status(c);
        read_published_at(c);
        if (as_ != form::create) {
            refuse_null("version");
            c.version = from_.integer("version", need::optional, 1, kMaxVersion);
        }
        return c;
    }

private:
    // Whether a member that is left out goes back to its default.
    [[nodiscard]] bool resets() const noexcept { return as_ == form::replace; }
    // Whether null clears a member that is not nullable otherwise.
    bool cleared(std::string_view name)
    {
        if (from_.is_null(name)) {
            if (as_ == form::patch) return true;
            from_.fault(name, fault_code::not_null);
        }
        return !from_.has(name) && resets();
    }
    void refuse_null(std::string_view name)
    {
        if (from_.is_null(name)) from_.fault(name, fault_code::not_null);
    }

    template <class Check>
    std::optional<std::string> text(std::string_view name, need n, Check check)
    {
        if (from_.is_null(name)) {
            from_.fault(name, fault_code::not_null);
            return std::nullopt;
        }
        return nullable_text(from_, name, n, check);
    }
    template <class Check>
    static std::optional<std::string> nullable_text(object_reader& from, std::string_view name,
                                                    need n, Check check)
    {
        const auto raw = from.text(name, n, kAnyText);
        if (!raw) return std::nullopt;
        std::string value(trim(*raw));
        if (const verdict wrong = check(value)) {
            from.fault(name, wrong->code, wrong->allowed);
            return std::nullopt;
        }
        return value;
    }
    template <class Check>
    clearable<std::string> clearable_text(std::string_view name, Check check)
    {
        if (!from_.has(name))
            return resets() ? clearable<std::string>(std::in_place) : std::nullopt;
        return clearable<std::string>(nullable_text(from_, name, need::optional, check));
    }
    clearable<std::int64_t> clearable_price(std::string_view name)
    {
        if (!from_.has(name))
            return resets() ? clearable<std::int64_t>(std::in_place) : std::nullopt;
        return clearable<std::int64_t>(from_.integer(name, need::optional, 0, kMaxMoney));
    }

    void read_description(product_change& c)
    {
        if (cleared("description"))
            c.description.emplace();
        else
            c.description =
                nullable_text(from_, "description", need::optional,
                              [](std::string_view t) { return check_text(t, kDescriptionRule); });
    }

    // An array of texts, each trimmed, checked and there once.
    template <class Check>
    static std::optional<std::vector<std::string>> texts(object_reader& from,
                                                         std::vector<field_fault>& faults,
                                                         std::string_view name, std::size_t max,
                                                         Check check)
    {
        auto raw = from.texts(name, need::optional, max, kAnyText);
        if (!raw) return std::nullopt;
        std::set<std::string> seen;
        for (std::size_t i = 0; i < raw->size(); ++i) {
            auto& value = (*raw)[i];
            value = std::string(trim(value));
            const std::string pointer = from.pointer_of(name) + "/" + std::to_string(i);
            if (const verdict wrong = check(value))
                faults.push_back({pointer, wrong->code, wrong->allowed});
            else if (!seen.insert(value).second)
                faults.push_back({pointer, fault_code::duplicate, {}});
        }
        return raw;
    }

    void read_tags(product_change& c)
    {
        if (cleared("tags"))
            c.tags.emplace();
        else
            c.tags = texts(from_, faults_, "tags", kMaxTags, check_tag);
    }

    void read_images(product_change& c)
    {
        if (cleared("images")) {
            c.images.emplace();
            return;
        }
        std::vector<image> images;
        const bool there =
            from_.objects("images", need::optional, kMaxImages, [&](object_reader& o) {
                image i;
                i.url = nullable_text(o, "url", need::required, check_link).value_or("");
                if (o.is_null("alt")) o.fault("alt", fault_code::not_null);
                i.alt = nullable_text(o, "alt", need::optional, [](std::string_view t) {
                            return check_text(t, kAltRule);
                        }).value_or("");
                if (o.is_null("isPrimary")) o.fault("isPrimary", fault_code::not_null);
                i.primary = o.boolean("isPrimary", need::optional).value_or(false);
                images.push_back(std::move(i));
            });
        if (there) c.images = std::move(images);
    }

    std::string read_attributes(object_reader& o)
    {
        const json* value = o.raw("attributes");
        if (!value) return "{}";
        if (!value->is_object()) {
            o.fault("attributes", value->is_null() ? fault_code::not_null : fault_code::wrong_type,
                    "object");
            return "{}";
        }
        if (value->size() > 10) o.fault("attributes", fault_code::too_many, "<= 10");
        std::map<std::string, std::string> attributes;
        for (const auto& [name, text] : value->items()) {
            const std::string pointer = o.pointer_of("attributes") + "/" + name;
            const std::string key(trim(name));
            if (const verdict wrong = check_text(key, {1, 50})) {
                faults_.push_back({pointer, wrong->code, wrong->allowed});
            } else if (!text.is_string()) {
                faults_.push_back({pointer, fault_code::wrong_type, "string"});
            } else {
                std::string content(trim(text.get_ref<const std::string&>()));
                if (const verdict bad = check_text(content, {1, 200}))
                    faults_.push_back({pointer, bad->code, bad->allowed});
                if (!attributes.emplace(key, std::move(content)).second)
                    faults_.push_back({pointer, fault_code::duplicate, {}});
            }
        }
        return canonical_attributes(attributes);
    }

    void read_variants(product_change& c)
    {
        // Left out of a replacement, a product goes back to its one default variant, which keeps its identity.
        if (!from_.has("variants")) {
            if (resets()) c.variants.emplace();
            return;
        }
        refuse_null("variants");
        std::vector<variant_input> variants;
        const bool there =
            from_.objects("variants", need::optional, kMaxVariants, [&](object_reader& o) {
                variant_input v;
                for (const auto* name : {"id", "sku"}) {
                    if (o.is_null(name)) o.fault(name, fault_code::not_null);
                }
                v.id = o.uuid("id", need::optional);
                if (v.id && as_ == form::create) o.fault("id", fault_code::unknown_variant);
                v.sku = nullable_text(o, "sku", need::optional, check_code);
                v.barcode = nullable_text(o, "barcode", need::optional, check_code);
                v.attributes = read_attributes(o);
                v.price = o.integer("price", need::optional, 0, kMaxMoney);
                variants.push_back(std::move(v));
            });
        if (there && variants.empty()) from_.fault("variants", fault_code::too_few, "1..200");
        if (there) c.variants = std::move(variants);
    }

    void read_seo(product_change& c)
    {
        const seo_change nothing{clearable<std::string>(std::in_place),
                                 clearable<std::string>(std::in_place), std::vector<std::string>()};
        if (cleared("seo")) {
            c.seo = nothing;
            return;
        }
        seo_change seo;
        // In a patch objects are merged; elsewhere what is left out is empty.
        if (as_ != form::patch) seo = nothing;
        const bool there = from_.object("seo", need::optional, [&](object_reader& o) {
            if (o.has("title"))
                seo.title.emplace(nullable_text(o, "title", need::optional, [](std::string_view t) {
                    return check_text(t, {1, 200});
                }));
            if (o.has("description"))
                seo.description.emplace(
                    nullable_text(o, "description", need::optional, [](std::string_view t) {
                        return check_text(t, {1, 500, true});
                    }));
            if (o.is_null("keywords")) {
                if (as_ == form::patch)
                    seo.keywords.emplace();
                else
                    o.fault("keywords", fault_code::not_null);
            } else if (auto words = texts(o, faults_, "keywords", 30, [](std::string_view t) {
                           return check_text(t, {1, 50});
                       })) {
                seo.keywords = std::move(words);
            }
        });
        if (there) c.seo = std::move(seo);
    }

    void read_status(product_change& c)
    {
        refuse_null("status");
        if (const auto name =
                from_.choice("status", need::optional, {"draft", "active", "archived"}))
            c.status = status_named(*name);
    }
    // Left out it stays as it is, in a replacement too: mostly the shop has set it, not who edits.
    void read_published_at(product_change& c)
    {
        if (from_.has("publishedAt"))
            c.published_at = clearable<wall_time>(from_.time("publishedAt", need::optional));
    }

    object_reader& from_;
    std::vector<field_fault>& faults_;
    form as_;
};

}  // namespace

result<product_change> read_product(std::string_view body, form as, product_change* refused)
{
    auto value = parse_json(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    object_reader reader(*value, "", faults);
    product_change change;
    if (value->is_object()) {
        change = product_reader(reader, faults, as).read();
        reader.finish();
        if (as == form::patch && value->empty())
            faults.push_back({"", fault_code::too_few, ">= 1"});
    }
    if (faults.empty()) return change;
    if (refused) *refused = std::move(change);
    return failure(errc::validation_failed, std::move(faults));
}

}  // namespace kieng::catalog
