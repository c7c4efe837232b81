#include "node/identity/account_json.hpp"
#include "node/identity/identity_routes.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"

namespace kieng::identity {
namespace {

using http::request;
using http::response;

template <class T, class Write>
std::string items_json(const std::vector<T>& items, Write write)
{
    std::string out = R"({"items":[)";
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ",";
        out += write(items[i]);
    }
    return out + "]}";
}

task<response> show_me(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    std::string id = req.who.user_id;
    const auto found = co_await users.find(std::move(id));
    if (!found && found.error().code == errc::not_found) {
        const failure nobody(errc::session_ended);  // a token of an account that is not there
        co_return http::problem(nobody, req);
    }
    if (!found) co_return http::problem(found.error(), req);
    auto out = http::json_response(200, to_json(found->value));
    out.pos = found->pos;
    co_return out;
}

task<response> edit_me(user_service& users, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto edit = read_profile_edit(req.body);
    if (!edit) co_return http::problem(edit.error(), req);
    const auto version = version_of(req, edit->version);
    if (!version) co_return http::problem(version.error(), req);
    edit->version = *version;
    auto key = write_key_of(req);
    auto by = actor_of(req);
    std::string id = req.who.user_id;
    auto done = co_await users.edit(std::move(key), std::move(id), *std::move(edit), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

task<response> show_addresses(address_service& addresses, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    std::string user_id = req.who.user_id;
    const auto found = co_await addresses.list(std::move(user_id));
    if (!found) co_return http::problem(found.error(), req);
    auto out = http::json_response(
        200, items_json(found->value, [](const address& a) { return to_json(a); }));
    out.pos = found->pos;
    co_return out;
}

task<response> add_address(address_service& addresses, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto what = read_address(req.body, false);
    if (!what) co_return http::problem(what.error(), req);
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done = co_await addresses.add(std::move(key), *std::move(what), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

task<response> show_address(address_service& addresses, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    std::string user_id = req.who.user_id;
    const auto found = co_await addresses.find(std::move(user_id), *std::move(id));
    if (!found) co_return http::problem(found.error(), req);
    auto out = http::json_response(200, to_json(found->value));
    out.pos = found->pos;
    co_return out;
}

task<response> replace_address(address_service& addresses, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    auto what = read_address(req.body, true);
    if (!what) co_return http::problem(what.error(), req);
    const auto version = version_of(req, what->version);
    if (!version) co_return http::problem(version.error(), req);
    what->version = *version;
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done =
        co_await addresses.replace(std::move(key), *std::move(id), *std::move(what), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

task<response> remove_address(address_service& addresses, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done = co_await addresses.remove(std::move(key), *std::move(id), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

task<response> show_sessions(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    std::string user_id = req.who.user_id;
    const auto found = co_await sessions.list(std::move(user_id));
    if (!found) co_return http::problem(found.error(), req);
    const auto& mine = req.who.session_id;
    auto out = http::json_response(200, items_json(found->value, [&mine](const session& s) {
                                       return to_json(s, s.id == mine);
                                   }));
    out.pos = found->pos;
    co_return out;
}

task<response> leave_session(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto id = id_of(req);
    if (!id) co_return http::problem(id.error(), req);
    auto key = write_key_of(req);
    auto by = actor_of(req);
    auto done = co_await sessions.end(std::move(key), *std::move(id), std::move(by));
    if (!done) co_return http::problem(done.error(), req);
    co_return to_response(*std::move(done));
}

}  // namespace

std::vector<http::route> profile_routes(const services& of)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    auto& users = of.users;
    auto& addresses = of.addresses;
    auto& sessions = of.sessions;
    const auto with = [](auto& service, auto* handle) {
        return http::handler([&service, handle](request& req) { return handle(service, req); });
    };
    return {
        {verb::get, "/auth/me", account_self, keyed::never, body_kind::none, with(users, &show_me)},
        {verb::patch, "/auth/me", account_self, keyed::may, body_kind::merge,
         with(users, &edit_me)},
        {verb::get, "/auth/me/addresses", account_self, keyed::never, body_kind::none,
         with(addresses, &show_addresses)},
        {verb::post, "/auth/me/addresses", account_self, keyed::may, body_kind::json,
         with(addresses, &add_address)},
        {verb::get, "/auth/me/addresses/{id}", account_self, keyed::never, body_kind::none,
         with(addresses, &show_address)},
        {verb::put, "/auth/me/addresses/{id}", account_self, keyed::may, body_kind::json,
         with(addresses, &replace_address)},
        {verb::del, "/auth/me/addresses/{id}", account_self, keyed::may, body_kind::none,
         with(addresses, &remove_address)},
        {verb::get, "/auth/me/sessions", account_self, keyed::never, body_kind::none,
         with(sessions, &show_sessions)},
        {verb::del, "/auth/me/sessions/{id}", account_self, keyed::may, body_kind::none,
         with(sessions, &leave_session)},
    };
}

}  // namespace kieng::identity
