#include "node/identity/account_json.hpp"
#include "node/identity/identity_routes.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"

namespace kieng::identity {
namespace {

using http::request;
using http::response;

response signed_in_response(int status, const signed_in& what)
{
    auto out = http::json_response(status, to_json(what));
    if (what.replayed) out.headers.emplace_back("Idempotency-Replayed", "true");
    return out;
}

task<response> open_account(registration_service& accounts, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto what = read_registration(req.body);
    if (!what) co_return http::problem(what.error(), req);
    auto key = write_key_of(req);
    std::string language(http::name_of(req.lang));
    auto from = actor_of(req);
    const auto done = co_await accounts.register_customer(std::move(key), *std::move(what),
                                                          std::move(language), std::move(from));
    if (!done) co_return http::problem(done.error(), req);
    co_return signed_in_response(201, *done);
}

task<response> login(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto given = read_credentials(req.body);
    if (!given) co_return http::problem(given.error(), req);
    auto from = actor_of(req);
    const auto done = co_await sessions.login(*std::move(given), std::move(from));
    if (!done) co_return http::problem(done.error(), req);
    co_return signed_in_response(200, *done);
}

task<response> refresh(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto token = read_renewal(req.body);
    if (!token) co_return http::problem(token.error(), req);
    auto from = actor_of(req);
    const auto done = co_await sessions.refresh(*std::move(token), std::move(from));
    if (!done) co_return http::problem(done.error(), req);
    co_return signed_in_response(200, *done);
}

task<response> logout(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto what = read_logout(req.body);
    if (!what) co_return http::problem(what.error(), req);
    // With a refresh token in the body the access token does not matter; without one it must count.
    if (!what->refresh_token && req.token_fault) co_return http::problem(*req.token_fault, req);
    auto from = actor_of(req);
    const auto done = co_await sessions.logout(*std::move(what), std::move(from));
    if (!done) co_return http::problem(done.error(), req);
    co_return http::no_content();
}

task<response> change_password(session_service& sessions, request& req)
{
    if (const auto plain = no_query(req); !plain) co_return http::problem(plain.error(), req);
    auto what = read_password_change(req.body);
    if (!what) co_return http::problem(what.error(), req);
    auto from = actor_of(req);
    const auto done = co_await sessions.change_password(*std::move(what), std::move(from));
    if (!done) co_return http::problem(done.error(), req);
    co_return signed_in_response(200, *done);
}

}  // namespace

std::vector<http::route> session_routes(const services& of)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    auto& accounts = of.registration;
    auto& sessions = of.sessions;
    const auto with = [](auto& service, auto* handle) {
        return http::handler([&service, handle](request& req) { return handle(service, req); });
    };
    return {
        {verb::post, "/auth/register", session_open, keyed::may, body_kind::json,
         with(accounts, &open_account)},
        {verb::post, "/auth/login", session_open, keyed::never, body_kind::json,
         with(sessions, &login)},
        {verb::post, "/auth/refresh", session_open, keyed::never, body_kind::json,
         with(sessions, &refresh)},
        {verb::post, "/auth/logout", session_close, keyed::never, body_kind::json,
         with(sessions, &logout)},
        {verb::post, "/auth/password", account_self, keyed::never, body_kind::json,
         with(sessions, &change_password)},
    };
}

std::vector<http::route> identity_routes(const services& of)
{
    auto out = session_routes(of);
    for (auto& part : {profile_routes(of), user_routes(of)})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

}  // namespace kieng::identity
