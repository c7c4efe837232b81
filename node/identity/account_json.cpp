#include "node/identity/account_json.hpp"

#include "base/encoding.hpp"
#include "base/json_reader.hpp"
#include "base/money.hpp"
#include "node/identity/password.hpp"
#include "node/identity/text_rules.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace kieng::identity {
namespace {

using need = object_reader::need;

constexpr std::size_t kAnyLength = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMaxVersion = 9'007'199'254'740'991;
using pattern = bool (*)(std::string_view) noexcept;

struct shape {
    std::size_t min = 1;
    std::size_t max = 200;
    pattern fits = nullptr;
    const char* allowed = "";
};

constexpr shape kEmail{3, 254, is_email, "name@host"};
constexpr shape kName{1, 100};
constexpr shape kPhone{6, 20, is_phone,
                       "6 to 20 digits, with space, dot or hyphen between them, + in front"};
constexpr shape kAvatar{1, 2048, is_link, "http://... | https://... | /..."};

// Absent is fine, null is not: for members that cannot be cleared.
bool given(object_reader& in, std::string_view name)
{
    if (!in.has(name)) return false;
    if (!in.is_null(name)) return true;
    in.fault(name, fault_code::not_null);
    return false;
}

// Text as people write it: trimmed, then measured.
std::optional<std::string> words(object_reader& in, std::string_view name, need n,
                                 const shape& rule)
{
    const auto raw = in.text(name, n, {.min = 0, .max = kAnyLength});
    if (!raw) return std::nullopt;
    const auto text = trimmed(*raw);
    const auto length = utf8_length(text);
    const auto range = std::to_string(rule.min) + ".." + std::to_string(rule.max);
    if (length < rule.min)
        in.fault(name, fault_code::too_short, range);
    else if (length > rule.max)
        in.fault(name, fault_code::too_long, range);
    else if (rule.fits && !rule.fits(text))
        in.fault(name, fault_code::bad_format, rule.allowed);
    else
        return std::string(text);
    return std::nullopt;
}

std::optional<std::string> optional_words(object_reader& in, std::string_view name,
                                          const shape& rule)
{
    return given(in, name) ? words(in, name, need::optional, rule) : std::nullopt;
}

// In a merge patch: absent leaves, null clears, text sets.
edited<std::string> edited_words(object_reader& in, std::string_view name, const shape& rule)
{
    if (!in.has(name)) return std::nullopt;
    if (in.is_null(name)) return edited<std::string>(std::in_place);
    return edited<std::string>(words(in, name, need::optional, rule));
}

// Passwords are taken as they are. What is wrong with them has codes of its own, looked at later.
std::optional<std::string> password(object_reader& in, std::string_view name, need n)
{
    if (n == need::optional && !given(in, name)) return std::nullopt;
    return in.text(name, n, {.min = 1, .max = kAnyLength, .lines = true});
}

std::optional<std::string> refresh_token(object_reader& in, need n)
{
    if (n == need::optional && !given(in, "refreshToken")) return std::nullopt;
    auto token = in.text("refreshToken", n, {.min = 1, .max = 512});
    const bool visible = token && std::all_of(token->begin(), token->end(),
                                              [](char c) { return c > 0x20 && c < 0x7F; });
    if (token && !visible) in.fault("refreshToken", fault_code::bad_format, "visible ASCII");
    return token;
}

std::optional<bool> flag(object_reader& in, std::string_view name)
{
    return given(in, name) ? in.boolean(name, need::optional) : std::nullopt;
}

std::optional<std::string> choice(object_reader& in, std::string_view name, need n,
                                  std::vector<std::string_view> allowed)
{
    if (n == need::optional && !given(in, name)) return std::nullopt;
    return in.choice(name, n, allowed);
}

std::optional<std::int64_t> version(object_reader& in)
{
    return given(in, "version") ? in.integer("version", need::optional, 1, kMaxVersion)
                                : std::nullopt;
}

std::vector<std::string_view> roles()
{
    return {kUserRoles.begin(), kUserRoles.end()};
}

void read_names(object_reader& in, new_account& out)
{
    out.first_name = optional_words(in, "firstName", kName);
    out.last_name = optional_words(in, "lastName", kName);
    out.phone = optional_words(in, "phone", kPhone);
}

void read_names(object_reader& in, user_edit& out)
{
    out.version = version(in);
    out.first_name = edited_words(in, "firstName", kName);
    out.last_name = edited_words(in, "lastName", kName);
    out.phone = edited_words(in, "phone", kPhone);
}

void read_preferences(object_reader& in, user_edit& out)
{
    if (given(in, "currency"))
        out.currency = in.text("currency", need::optional, {.min = 0, .max = kAnyLength});
    if (out.currency && !currency_exponent(*out.currency))
        in.fault("currency", fault_code::unknown_currency);
    out.language = choice(in, "language", need::optional, {"vi", "en"});
    if (!given(in, "notifications")) return;
    in.object("notifications", need::optional, [&out](object_reader& which) {
        out.notify_email = flag(which, "email");
        out.notify_sms = flag(which, "sms");
        out.notify_push = flag(which, "push");
    });
}

// Reads a merge patch: an object with at least one member.
result<void> read_patch(std::string_view body, const std::function<void(object_reader&)>& read)
{
    auto value = parse_json(body);
    if (!value) return value.error();
    if (value->is_object() && value->empty()) return invalid("", fault_code::too_few, ">= 1");
    return read_json_object(body, read);
}

}  // namespace

result<credentials> read_credentials(std::string_view body)
{
    credentials out;
    auto read = read_json_object(body, [&out](object_reader& in) {
        out.email = words(in, "email", need::required, {1, 254}).value_or("");
        out.password = password(in, "password", need::required).value_or("");
    });
    if (!read) return read.error();
    if (auto fits = check_given_password(out.password); !fits) return fits.error();
    return out;
}

result<new_account> read_registration(std::string_view body)
{
    new_account out;
    auto read = read_json_object(body, [&out](object_reader& in) {
        out.email = words(in, "email", need::required, kEmail).value_or("");
        out.password = password(in, "password", need::required);
        read_names(in, out);
    });
    if (!read) return read.error();
    if (auto fits = check_new_password(*out.password, out.email); !fits) return fits.error();
    return out;
}

result<new_account> read_new_user(std::string_view body)
{
    new_account out;
    auto read = read_json_object(body, [&out](object_reader& in) {
        out.email = words(in, "email", need::required, kEmail).value_or("");
        out.password = password(in, "password", need::optional);
        out.role = choice(in, "role", need::required, roles()).value_or("");
        read_names(in, out);
    });
    if (!read) return read.error();
    if (!out.password) return out;
    if (auto fits = check_new_password(*out.password, out.email); !fits) return fits.error();
    return out;
}

result<std::string> read_renewal(std::string_view body)
{
    std::string out;
    auto read = read_json_object(
        body, [&out](object_reader& in) { out = refresh_token(in, need::required).value_or(""); });
    if (!read) return read.error();
    return out;
}

result<logout_request> read_logout(std::string_view body)
{
    logout_request out;
    if (body.empty()) return out;
    auto read = read_json_object(body, [&out](object_reader& in) {
        out.refresh_token = refresh_token(in, need::optional);
        out.everywhere = flag(in, "everywhere").value_or(false);
    });
    if (!read) return read.error();
    return out;
}

result<password_change> read_password_change(std::string_view body)
{
    password_change out;
    auto read = read_json_object(body, [&out](object_reader& in) {
        out.current_password = password(in, "currentPassword", need::required).value_or("");
        out.new_password = password(in, "newPassword", need::required).value_or("");
    });
    if (!read) return read.error();
    if (auto fits = check_given_password(out.current_password); !fits) return fits.error();
    return out;
}

result<user_edit> read_profile_edit(std::string_view body)
{
    user_edit out;
    auto read = read_patch(body, [&out](object_reader& in) {
        read_names(in, out);
        out.avatar = edited_words(in, "avatar", kAvatar);
        if (!given(in, "preferences")) return;
        in.object("preferences", need::optional,
                  [&out](object_reader& which) { read_preferences(which, out); });
    });
    if (!read) return read.error();
    return out;
}

result<user_edit> read_user_edit(std::string_view body)
{
    user_edit out;
    auto read = read_patch(body, [&out](object_reader& in) {
        read_names(in, out);
        out.role = choice(in, "role", need::optional, roles());
        out.status = choice(in, "status", need::optional, {"active", "disabled"});
        out.password = password(in, "password", need::optional);
    });
    if (!read) return read.error();
    return out;
}

result<address_input> read_address(std::string_view body, bool replaces)
{
    // Here null is as good as absent: the members are text or null.
    address_input out;
    auto read = read_json_object(body, [&](object_reader& in) {
        if (replaces) out.version = version(in);
        out.label = words(in, "label", need::optional, {1, 50});
        out.recipient = words(in, "recipient", need::required, {1, 200}).value_or("");
        out.phone = words(in, "phone", need::required, kPhone).value_or("");
        out.line1 = words(in, "line1", need::required, {1, 200}).value_or("");
        out.line2 = words(in, "line2", need::optional, {1, 200});
        out.ward = words(in, "ward", need::optional, {1, 100});
        out.district = words(in, "district", need::optional, {1, 100});
        out.province = words(in, "province", need::required, {1, 100}).value_or("");
        out.postal_code = words(in, "postalCode", need::optional,
                                {1, 20, is_postal_code, "letters, digits, space, hyphen"});
        out.country =
            optional_words(in, "country", {2, 2, is_country, "two capital letters"}).value_or("VN");
        out.is_default = flag(in, "isDefault").value_or(false);
    });
    if (!read) return read.error();
    return out;
}

std::map<std::string, std::int64_t, std::less<>> read_changed(std::string_view json)
{
    std::map<std::string, std::int64_t, std::less<>> out;
    const auto value = nlohmann::json::parse(json, nullptr, false);
    if (!value.is_object()) return out;
    for (const auto& [field, version] : value.items()) {
        if (version.is_number_integer()) out[field] = version.get<std::int64_t>();
    }
    return out;
}

}  // namespace kieng::identity
