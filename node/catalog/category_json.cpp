#include "node/catalog/category_json.hpp"

#include "base/json_reader.hpp"
#include "base/json_text.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <stdexcept>

namespace kieng::catalog {
namespace {

using need = object_reader::need;

template <class Check>
std::optional<std::string> text(object_reader& from, std::string_view name, need n, Check check)
{
    if (from.is_null(name)) {
        from.fault(name, fault_code::not_null);
        return std::nullopt;
    }
    const auto raw = from.text(name, n, {0, std::numeric_limits<std::size_t>::max(), true});
    if (!raw) return std::nullopt;
    std::string value(trim(*raw));
    if (const verdict wrong = check(value)) {
        from.fault(name, wrong->code, wrong->allowed);
        return std::nullopt;
    }
    return value;
}

category_change read_members(object_reader& from, form as)
{
    category_change c;
    c.name = text(from, "name", as == form::patch ? need::optional : need::required,
                  [](std::string_view t) { return check_text(t, kCategoryNameRule); });
    c.slug = text(from, "slug", need::optional, check_slug);
    if (from.has("parentId"))
        c.parent_id = from.uuid("parentId", need::optional);
    else if (as == form::replace)
        c.parent_id.emplace();
    if (as != form::create) {
        if (from.is_null("version")) from.fault("version", fault_code::not_null);
        c.version = from.integer("version", need::optional, 1, 9'007'199'254'740'991);
    }
    return c;
}

}  // namespace

result<category_change> read_category(std::string_view body, form as)
{
    auto value = parse_json(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    object_reader reader(*value, "", faults);
    category_change change;
    if (value->is_object()) {
        change = read_members(reader, as);
        reader.finish();
        if (as == form::patch && value->empty())
            faults.push_back({"", fault_code::too_few, ">= 1"});
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return change;
}

void append_value(std::string& out, category_field f, const category_fields& of)
{
    append_text_or_null(out, value_of(f, of));
}

void append_category(std::string& out, const category& c, const std::vector<category_field>& merged)
{
    out += R"({"id":")";
    out += c.id;
    out += R"(","name":)";
    append_json_string(out, c.fields.name);
    out += R"(,"slug":)";
    append_json_string(out, c.fields.slug);
    out += R"(,"parentId":)";
    append_text_or_null(out, c.fields.parent_id);
    out += R"(,"path":)";
    append_json_string(out, c.path);
    out += R"(,"version":)";
    append_number(out, c.version);
    out += R"(,"createdAt":)";
    append_time(out, c.created_at);
    out += R"(,"updatedAt":)";
    append_time(out, c.updated_at);
    if (!merged.empty()) {
        out += R"(,"merged":[)";
        for (const auto f : merged) {
            if (out.back() != '[') out += ',';
            append_json_string(out, name_of(f));
        }
        out += ']';
    }
    out += '}';
}

void append_page(std::string& out, const page<category>& of)
{
    out += R"({"items":[)";
    bool first = true;
    for (const auto& c : of.items) {
        if (!first) out += ',';
        first = false;
        append_category(out, c);
    }
    out += ']';
    if (of.next) {
        out += R"(,"nextCursor":)";
        append_json_string(out, *of.next);
    }
    if (of.total) {
        out += R"(,"total":)";
        append_number(out, *of.total);
    }
    out += '}';
}

category_fields read_stored_category(std::string_view text)
{
    try {
        const auto o = nlohmann::json::parse(text);
        return {o.at("name").get<std::string>(), o.at("slug").get<std::string>(),
                o.at("parentId").is_null() ? "" : o.at("parentId").get<std::string>()};
    } catch (const nlohmann::json::exception& e) {
        throw std::runtime_error(std::string("a stored category version cannot be read: ") +
                                 e.what());
    }
}

std::string stored_category(const category_fields& fields)
{
    std::string out = "{";
    for (const auto f : kCategoryFields) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name_of(f));
        out += ':';
        append_value(out, f, fields);
    }
    return out + "}";
}

}  // namespace kieng::catalog
