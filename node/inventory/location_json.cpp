#include "node/inventory/location_json.hpp"

#include "base/json_reader.hpp"
#include "base/json_text.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/inventory/text_json.hpp"

#include <array>

namespace kieng::inventory {
namespace {

using need = object_reader::need;

void refuse_null(object_reader& from, std::string_view name)
{
    if (from.is_null(name)) from.fault(name, fault_code::not_null);
}

std::optional<std::string> read_code(object_reader& from)
{
    refuse_null(from, "code");
    auto code = from.text("code", need::optional, {1, 40, false});
    if (!code) return std::nullopt;
    if (const auto wrong = catalog::check_slug(*code)) {
        from.fault("code", wrong->code, wrong->allowed);
        return std::nullopt;
    }
    return code;
}

}  // namespace

result<location_change> read_location(std::string_view body, bool is_new)
{
    location_change out;
    bool any = is_new;
    const auto read = read_json_object(body, [&](object_reader& from) {
        if (!is_new) refuse_null(from, "name");
        out.name = read_text(from, "name", is_new ? need::required : need::optional, 100);
        out.code = read_code(from);
        out.address = read_text(from, "address", need::optional, 300, true);
        if (from.is_null("address")) out.address.emplace();
        refuse_null(from, "active");
        out.active = from.boolean("active", need::optional);
        refuse_null(from, "isDefault");
        out.is_default = from.boolean("isDefault", need::optional);
        if (is_new) return;
        out.version = read_version(from);
        constexpr std::array members{"name", "code", "address", "active", "isDefault", "version"};
        for (const char* name : members) any = any || from.has(name);
    });
    if (!read) return read.error();
    if (!any) return invalid("", fault_code::too_few, "at least 1 member");
    return out;
}

void append_value(std::string& out, location_field f, const location_fields& of)
{
    switch (f) {
    case location_field::code: return append_json_string(out, of.code);
    case location_field::name: return append_json_string(out, of.name);
    case location_field::address: return append_text_or_null(out, of.address);
    case location_field::active: out += json_bool(of.active); return;
    case location_field::is_default: out += json_bool(of.is_default); return;
    }
}

void append_location(std::string& out, const location& of)
{
    out += R"({"id":")" + of.id + '"';
    for (const auto f : kLocationFields) {
        out += ",\"";
        out += name_of(f);
        out += "\":";
        append_value(out, f, of.fields);
    }
    out += R"(,"version":)";
    append_number(out, of.version);
    out += R"(,"createdAt":)";
    append_time(out, of.created_at);
    out += R"(,"updatedAt":)";
    append_time(out, of.updated_at);
    out += '}';
}

void append_locations(std::string& out, const std::vector<location>& of)
{
    out += R"({"items":[)";
    for (const auto& one : of) {
        if (out.back() != '[') out += ',';
        append_location(out, one);
    }
    out += "]}";
}

}  // namespace kieng::inventory
