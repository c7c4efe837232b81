// The writing half of account_json.hpp.
#include "node/identity/account_json.hpp"
#include "node/identity/json_text.hpp"
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

void add_conflict(std::string& out, std::string_view field,
                  const std::optional<std::string>& theirs, const std::optional<std::string>& yours)
{
    if (theirs == yours) return;
    if (!out.empty()) out += ",";
    out += conflict(field, json_text(theirs), json_text(yours));
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
    std::string out =
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
    for (std::size_t i = 0; i < merged.size(); ++i) {
        out += i == 0 ? R"(,"merged":[)" : ",";
        out += json_string(name_of(merged[i]));
    }
    return out + (merged.empty() ? "}" : "]}");
}

std::string to_json(const signed_in& what)
{
    return "{" + member("user", to_json(what.who)) + "," +
           member("accessToken", json_string(what.access_token)) + "," +
           member("refreshToken", json_string(what.refresh_token)) + "," +
           member("expiresIn", std::to_string(kAccessLifetime.count())) + "}";
}

std::string to_json(const address& what)
{
    return "{" + member("id", json_string(what.id)) + "," + address_members(what.what) + "," +
           member("isDefault", json_bool(what.what.is_default)) + "," +
           member("version", std::to_string(what.version)) + "," +
           member("createdAt", json_time(what.created_at)) + "," +
           member("updatedAt", json_time(what.updated_at)) + "}";
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

std::string conflict_members(const address& now, const address_input& yours)
{
    const auto& theirs = now.what;
    std::string items;
    add_conflict(items, "label", theirs.label, yours.label);
    add_conflict(items, "recipient", theirs.recipient, yours.recipient);
    add_conflict(items, "phone", theirs.phone, yours.phone);
    add_conflict(items, "line1", theirs.line1, yours.line1);
    add_conflict(items, "line2", theirs.line2, yours.line2);
    add_conflict(items, "ward", theirs.ward, yours.ward);
    add_conflict(items, "district", theirs.district, yours.district);
    add_conflict(items, "province", theirs.province, yours.province);
    add_conflict(items, "postalCode", theirs.postal_code, yours.postal_code);
    add_conflict(items, "country", theirs.country, yours.country);
    if (theirs.is_default != yours.is_default) {
        if (!items.empty()) items += ",";
        items += conflict("isDefault", json_bool(theirs.is_default), json_bool(yours.is_default));
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
