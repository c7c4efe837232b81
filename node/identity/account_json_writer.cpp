// The writing half of account_json.hpp.
#include "base/json_text.hpp"
#include "node/identity/account_json.hpp"
#include "node/identity/token.hpp"

namespace kieng::identity {
namespace {

std::string member(std::string_view name, const std::string& json)
{
    return '"' + std::string(name) + "\":" + json;
}

std::string to_json(const preferences& what)
{
    return "{" + member("currency", json_string(what.currency)) + "," +
           member("language", json_string(what.language)) + R"(,"notifications":{)" +
           member("email", json_bool(what.notify_email)) + "," +
           member("sms", json_bool(what.notify_sms)) + "," +
           member("push", json_bool(what.notify_push)) + "}}";
}

std::string conflict(std::string_view field, const std::string& theirs, const std::string& yours)
{
    return "{" + member("field", json_string(field)) + "," + member("theirs", theirs) + "," +
           member("yours", yours) + "}";
}

std::string value_of(const address_field& field, const address_input& of)
{
    if (const auto* text = std::get_if<std::string address_input::*>(&field.member))
        return json_string(of.**text);
    if (const auto* flag = std::get_if<bool address_input::*>(&field.member))
        return json_bool(of.**flag);
    return json_text(of.*std::get<std::optional<std::string> address_input::*>(field.member));
}

std::string_view name_of(const address_field& field)
{
    return field.name;
}

template <class Fields>
std::string merged_member(const Fields& merged)
{
    std::string out;
    for (const auto& field : merged) {
        out += out.empty() ? R"(,"merged":[)" : ",";
        out += json_string(name_of(field));
    }
    return out.empty() ? out : out + "]";
}

std::string conflicts(std::int64_t version, const std::string& items)
{
    return version_member(version) + R"(,"conflicts":[)" + items + "]";
}

// The members of an address in the order of the contract, isDefault left out.
std::string address_members(const address_input& what)
{
    return member("label", json_text(what.label)) + "," +
           member("recipient", json_string(what.recipient)) + "," +
           member("phone", json_string(what.phone)) + "," +
           member("line1", json_string(what.line1)) + "," + member("line2", json_text(what.line2)) +
           "," + member("ward", json_text(what.ward)) + "," +
           member("district", json_text(what.district)) + "," +
           member("province", json_string(what.province)) + "," +
           member("postalCode", json_text(what.postal_code)) + "," +
           member("country", json_string(what.country));
}

}  // namespace

std::string to_json(user_field field, const user& of)
{
    switch (field) {
    case user_field::first_name: return json_text(of.first_name);
    case user_field::last_name: return json_text(of.last_name);
    case user_field::phone: return json_text(of.phone);
    case user_field::avatar: return json_text(of.avatar);
    case user_field::preferences: return to_json(of.prefers);
    case user_field::role: return json_string(of.role);
    case user_field::status: return json_string(of.status);
    }
    return "null";
}

std::string to_json(const user& who, const std::vector<user_field>& merged)
{
    const std::string out =
        "{" + member("id", json_string(who.id)) + "," + member("email", json_string(who.email)) +
        "," + member("role", json_string(who.role)) + "," +
        member("status", json_string(who.status)) + "," +
        member("firstName", json_text(who.first_name)) + "," +
        member("lastName", json_text(who.last_name)) + "," + member("phone", json_text(who.phone)) +
        "," + member("avatar", json_text(who.avatar)) + "," +
        member("preferences", to_json(who.prefers)) + "," +
        member("version", std::to_string(who.version)) + "," +
        member("createdAt", json_time(who.created_at)) + "," +
        member("updatedAt", json_time(who.updated_at));
    return out + merged_member(merged) + "}";
}

std::string to_json(const signed_in& what)
{
    return "{" + member("user", to_json(what.who)) + "," +
           member("accessToken", json_string(what.access_token)) + "," +
           member("refreshToken", json_string(what.refresh_token)) + "," +
           member("expiresIn", std::to_string(kAccessLifetime.count())) + "}";
}

std::string to_json(const address& what, const std::vector<address_field>& merged)
{
    return "{" + member("id", json_string(what.id)) + "," + address_members(what.what) + "," +
           member("isDefault", json_bool(what.what.is_default)) + "," +
           member("version", std::to_string(what.version)) + "," +
           member("createdAt", json_time(what.created_at)) + "," +
           member("updatedAt", json_time(what.updated_at)) + merged_member(merged) + "}";
}

std::string to_json(const session& what, bool current)
{
    return "{" + member("id", json_string(what.id)) + "," +
           member("createdAt", json_time(what.created_at)) + "," +
           member("lastUsedAt", json_time(what.last_used_at)) + "," +
           member("expiresAt", json_time(what.expires_at)) + "," +
           member("userAgent", json_text(what.user_agent)) + "," +
           member("address", json_text(what.address)) + "," +
           member("current", json_bool(current)) + "}";
}

std::string with_initial_password(std::string user_json, std::string_view password)
{
    user_json.pop_back();
    return user_json + "," + member("initialPassword", json_string(password)) + "}";
}

std::string changes_json(const user& from, const user_change& change)
{
    std::string out;
    for (const auto field : change.changed) {
        if (!out.empty()) out += ",";
        const std::string values = "{" + member("from", to_json(field, from)) + "," +
                                   member("to", to_json(field, change.next)) + "}";
        out += member(name_of(field), values);
    }
    return "{" + out + "}";
}

std::string version_member(std::int64_t current)
{
    return member("currentVersion", std::to_string(current));
}

std::string conflict_members(const user& now, const user_change& change)
{
    std::string items;
    for (const auto field : change.conflicts) {
        if (!items.empty()) items += ",";
        items += conflict(name_of(field), to_json(field, now), to_json(field, change.next));
    }
    return conflicts(now.version, items);
}

std::string conflict_members(const address& now, const std::optional<address_input>& base,
                             const address_input& yours,
                             const std::vector<address_field>& conflicting)
{
    std::string items;
    for (const auto& field : conflicting) {
        if (!items.empty()) items += ",";
        items += "{" + member("field", json_string(field.name)) + ",";
        if (base) items += member("base", value_of(field, *base)) + ",";
        items += member("theirs", value_of(field, now.what)) + "," +
                 member("yours", value_of(field, yours)) + "}";
    }
    return conflicts(now.version, items);
}

std::string to_json(const std::map<std::string, std::int64_t, std::less<>>& changed)
{
    std::string out;
    for (const auto& [field, version] : changed) {
        if (!out.empty()) out += ",";
        out += member(field, std::to_string(version));
    }
    return "{" + out + "}";
}

}  // namespace kieng::identity
