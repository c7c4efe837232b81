#include "base/ids.hpp"
#include "node/identity/account_json.hpp"
#include "node/identity/audit_json.hpp"
#include "node/identity/identity_routes.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/identity/text_rules.hpp"

#include <algorithm>

namespace kieng::identity {
namespace {

using http::query_reader;
using http::request;
using http::response;

constexpr std::int64_t kDefaultLimit = 20;
constexpr std::int64_t kMaxLimit = 200;
constexpr std::size_t kMaxCursor = 1024;

// The filters of a query as one text: what a cursor is bound to.
std::string query_text(const request& req)
{
    auto parts = req.query;
    std::erase_if(parts, [](const auto& p) {
        return p.first == "cursor" || p.first == "limit" || p.first == "total";
    });
    std::sort(parts.begin(), parts.end());
    std::string out = req.path;
    for (const auto& [name, value] : parts)
        out += "&" + percent_encode(name) + "=" + percent_encode(value);
    return out;
}

// One more than a page was read: whether it is there says whether the page is the last.
template <class T, class Write>
std::string page_json(std::vector<T> items, std::int64_t limit, const std::string& query,
                      Write write)
{
    const bool more = static_cast<std::int64_t>(items.size()) > limit;
    if (more) items.pop_back();
    std::string out = R"({"items":[)";
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ",";
        out += to_json(items[i]);
    }
    out += "]";
    if (more) out += R"(,"nextCursor":")" + to_cursor(write(items.back()), query) + '"';
    return out;
}

struct listing {
    std::int64_t limit = kDefaultLimit;
    std::optional<std::string> cursor;
};

void read_listing(query_reader& in, listing& out)
{
    out.limit = in.integer("limit", 1, kMaxLimit).value_or(kDefaultLimit);
    out.cursor = in.text("cursor", kMaxCursor);
}

// Reads where the page begins into a filter. Errors: cursor_invalid.
template <class Filter>
result<void> read_place(const listing& page, const std::string& query, Filter& filter)
{
    filter.limit = page.limit + 1;
    if (!page.cursor) return {};
    auto where = read_cursor(*page.cursor, query);
    if (!where) return where.error();
    filter.before_at = where->at;
    filter.before_id = std::move(where->id);
    return {};
}

std::string total_json(const user_count& count)
{
    return R"(,"total":)" + std::to_string(count.total) +
           (count.estimate ? R"(,"totalIsEstimate":true)" : "");
}

task<response> show_users(user_service& users, request& req)
{
    user_filter filter;
    listing page;
    bool counted = false;
    const auto read = read_query(req, [&](query_reader& in) {
        filter.words = in.text("q");
        if (filter.words) filter.words = std::string(trimmed(*filter.words));
        if (filter.words && filter.words->empty()) in.fault("q", fault_code::too_short, "1..200");
        filter.role = in.choice("role", {kUserRoles.begin(), kUserRoles.end()});
        filter.status = in.choice("status", {"active", "disabled"});
        counted = in.boolean("total").value_or(false);
        read_listing(in, page);
    });
    if (!read) co_return http::problem(read.error(), req);
    const auto query = query_text(req);
    if (const auto placed = read_place(page, query, filter); !placed)
        co_return http::problem(placed.error(), req);
    const auto found = co_await users.list(filter, counted);
    if (!found) co_return http::problem(found.error(), req);
    auto body = page_json(found->value.items, page.limit, query, [](const user& u) {
        return place{u.created_at, u.id};
    });
    if (found->value.count) body += total_json(*found->value.count);
    auto out = http::json_response(200, body + "}");
    out.pos = found->pos;
    co_return out;
}

task<response> create_user(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto what = read_new_user(req.body);
    if (!what) co_return http::problem(what.error(), req);
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done = co_await users.create(std::move(key), *std::move(what), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    auto out = to_response(std::move(done->what));
    if (!done->initial_password.empty())
        out.body = with_initial_password(std::move(out.body), done->initial_password);
    co_return out;
}

task<response> show_user(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    const auto found = co_await users.find(*std::move(id));
    if (!found) co_return http::problem(found.error(), req);
    auto out = http::json_response(200, to_json(found->value));
    out.pos = found->pos;
    co_return out;
}

task<response> edit_user(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    auto edit = read_user_edit(req.body);
    if (!edit) co_return http::problem(edit.error(), req);
    const auto version = version_of(req, edit->version);
    if (!version) co_return http::problem(version.error(), req);
    edit->version = *version;
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done =
        co_await users.edit(std::move(key), *std::move(id), *std::move(edit), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

task<response> disable_user(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done = co_await users.disable(std::move(key), *std::move(id), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

// ^[a-z_]+(\.[a-z_]+)*$, or without dots
std::optional<std::string> words(query_reader& in, std::string_view name, std::size_t max,
                                 bool dots)
{
    auto text = in.text(name, max);
    if (!text) return text;
    bool good = !text->empty() && text->front() != '.' && text->back() != '.' &&
                text->find("..") == std::string::npos;
    for (const char c : *text)
        good = good && ((c >= 'a' && c <= 'z') || c == '_' || (dots && c == '.'));
    if (!good)
        in.fault(name, fault_code::bad_format,
                 dots ? "small letters, _ and dots" : "small letters and _");
    return text;
}

std::optional<wall_time> time(query_reader& in, std::string_view name)
{
    const auto text = in.text(name, 64);
    if (!text) return std::nullopt;
    const auto at = from_iso8601(*text);
    if (!at) in.fault(name, fault_code::bad_format, "ISO 8601 (2026-11-20T09:00:00Z)");
    return at;
}

task<response> show_log(const audit_service& log, request& req)
{
    audit_filter filter;
    listing page;
    const auto read = read_query(req, [&](query_reader& in) {
        filter.actor_id = in.uuid("actor");
        filter.action = words(in, "action", 64, true);
        filter.entity = words(in, "entity", 32, false);
        filter.entity_id = in.uuid("entityId");
        filter.from = time(in, "from");
        filter.to = time(in, "to");
        read_listing(in, page);
    });
    if (!read) co_return http::problem(read.error(), req);
    const auto query = query_text(req);
    if (const auto placed = read_place(page, query, filter); !placed)
        co_return http::problem(placed.error(), req);
    const auto found = co_await log.list(filter);
    if (!found) co_return http::problem(found.error(), req);
    const auto body = page_json(found->value, page.limit, query, [](const audit_line& l) {
        return place{l.at, l.id};
    });
    auto out = http::json_response(200, body + "}");
    out.pos = found->pos;
    co_return out;
}

}  // namespace

std::vector<http::route> user_routes(const services& of)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    auto& users = of.users;
    auto& log = of.log;
    const auto with = [](auto& service, auto* handle) {
        return http::handler([&service, handle](request& req) { return handle(service, req); });
    };
    return {
        {verb::get, "/users", users_manage, keyed::never, body_kind::none,
         with(users, &show_users)},
        {verb::post, "/users", users_manage, keyed::may, body_kind::json,
         with(users, &create_user)},
        {verb::get, "/users/{id}", users_manage, keyed::never, body_kind::none,
         with(users, &show_user)},
        {verb::patch, "/users/{id}", users_manage, keyed::may, body_kind::merge,
         with(users, &edit_user)},
        {verb::del, "/users/{id}", users_manage, keyed::may, body_kind::none,
         with(users, &disable_user)},
        {verb::get, "/audit", audit_read, keyed::never, body_kind::none, with(log, &show_log)},
    };
}

}  // namespace kieng::identity
