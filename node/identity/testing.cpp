#include "node/identity/testing.hpp"

#include <stdexcept>

namespace kieng::identity::testing {
namespace {

std::vector<std::pair<std::string, std::string>> query_of(const std::string& target)
{
    std::vector<std::pair<std::string, std::string>> out;
    auto at = target.find('?');
    while (at != std::string::npos) {
        const auto end = target.find('&', at + 1);
        const auto part = target.substr(at + 1, end == std::string::npos ? end : end - at - 1);
        const auto equals = part.find('=');
        out.emplace_back(*percent_decode(part.substr(0, equals), true),
                         *percent_decode(part.substr(equals + 1), true));
        at = end;
    }
    return out;
}

json successful(const answered& what, int status)
{
    if (what.status != status)
        throw std::runtime_error(std::to_string(what.status) + " " + what.raw);
    return what.body;
}

std::string credentials_json(const std::string& email, const std::string& password)
{
    return json{{"email", email}, {"password", password}}.dump();
}

// What the server's guards do before a handler runs.
std::optional<failure> guard(const http::authenticator& who, const http::route& row,
                             const std::string& token, http::request& req)
{
    req.who = who.nobody();
    if (!token.empty()) {
        auto caller = who.authenticate(token);
        if (caller)
            req.who = *std::move(caller);
        else if (row.who_may.any_token)
            req.token_fault = caller.error();
        else
            return caller.error();
    }
    if (req.who.may(row.who_may)) return std::nullopt;
    return failure(req.who.signed_in() ? errc::forbidden : errc::unauthenticated);
}

}  // namespace

answered read(const http::response& from)
{
    answered out;
    out.status = from.status;
    out.raw = from.body;
    if (!from.body.empty()) out.body = json::parse(from.body);
    for (const auto& [name, value] : from.headers) out.headers[name] = value;
    return out;
}

node::node(const store::database_options& how, store::unit_of_work::commit_listener on_commit,
           identity_options with)
    : db_(how),
      work_(db_, std::move(on_commit)),
      parts_(std::move(with), db_, work_, system_clock(), system_random()),
      routes_(parts_.routes())
{
    db_.start();
}

node::~node()
{
    parts_.stop();
    db_.stop();
}

std::future<http::response> node::start(const call& what)
{
    const auto req = std::make_shared<http::request>();
    req->method = what.method;
    req->target = what.target;
    req->path = what.target.substr(0, what.target.find('?'));
    req->query = query_of(what.target);
    req->headers = what.headers;
    req->headers.emplace_back("user-agent", "test");
    req->body = what.body;
    req->id = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718";
    req->address = what.address;
    req->lang = http::language::en;
    for (const auto& [name, value] : what.headers) {
        if (name == "idempotency-key") req->idempotency_key = value;
    }
    const auto match = routes_.find(what.method, req->path);
    if (!match.found) throw std::runtime_error("no route for " + what.target);
    req->params = routes_.params(*match.found, req->path);
    const auto refused = guard(parts_.authenticator(), *match.found, what.token, *req);
    const auto* handle = std::get_if<http::handler>(&match.found->answer);
    return io_.start([req, handle, refused]() -> task<http::response> {
        if (refused) co_return http::problem(*refused, *req);
        co_return co_await (*handle)(*req);
    });
}

answered node::ask(const call& what)
{
    return read(start(what).get());
}

identity_options shop::options()
{
    identity_options out;
    out.jwt_secret = "a secret of thirty-two bytes or more";
    out.hashing = {kTestCost, 1, 100};
    return out;
}

shop::shop(identity_options with)
    : a(
          database_.options(),
          [this](const store::position& p) {
              a.parts().on_event(p);
              b.parts().on_event(p);
          },
          with),
      b(
          database_.options(),
          [this](const store::position& p) {
              a.parts().on_event(p);
              b.parts().on_event(p);
          },
          with)
{}

json shop::sign_up(const std::string& email, const std::string& password)
{
    return successful(
        a.ask({http::verb::post, "/auth/register", credentials_json(email, password)}), 201);
}

json shop::sign_in(const std::string& email, const std::string& password)
{
    return successful(a.ask({http::verb::post, "/auth/login", credentials_json(email, password)}),
                      200);
}

json shop::owner()
{
    const auto made = a.io().wait([this]() -> task<result<bool>> {
        std::string email = "owner@example.vn";
        std::string password = "muoi hai con giap";
        return a.parts().ensure_first_owner(std::move(email), std::move(password));
    });
    if (!made) throw std::runtime_error("no owner");
    return sign_in("owner@example.vn");
}

}  // namespace kieng::identity::testing
