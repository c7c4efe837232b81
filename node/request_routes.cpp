// What became of a write whose answer was lost.
#include "base/encoding.hpp"
#include "node/cluster_routes.hpp"
#include "node/identity/permissions.hpp"
#include "node/platform/store/request_fate.hpp"

namespace kieng::node {
namespace {

using http::request;
using http::response;
using store::request_fate;

std::string_view name_of(request_fate::kind what) noexcept
{
    switch (what) {
    case request_fate::kind::unknown: return "unknown";
    case request_fate::kind::committed: return "committed";
    case request_fate::kind::never: return "never";
    }
    return "unknown";
}

std::string fate_json(const request_fate& fate)
{
    std::string out = "{\"outcome\":" + json_string(name_of(fate.what));
    if (fate.given) {
        out += ",\"status\":" + std::to_string(fate.given->status);
        for (const auto& [name, value] : fate.given->headers) {
            if (name == "Location") out += ",\"location\":" + json_string(value);
        }
        out += ",\"body\":" + (fate.given->body.empty() ? "null" : fate.given->body);
    }
    return out + "}";
}

response show(const request& req, const result<request_fate>& fate)
{
    if (!fate.has_value()) return http::problem(fate.error(), req);
    auto out = http::json_response(200, fate_json(*fate));
    out.pos = fate->pos;
    return out;
}

bool is_key(std::string_view text)
{
    constexpr std::size_t kMin = 16, kMax = 100;
    return text.size() >= kMin && text.size() <= kMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

task<response> answer(store::database& database, request& req, bool give_up)
{
    std::vector<field_fault> faults;
    http::query_reader(req, faults).finish();
    if (!faults.empty())
        co_return http::problem(failure(errc::invalid_parameter, std::move(faults)), req);
    std::string key(req.param("key"));
    if (!is_key(key)) co_return http::problem(failure(errc::idempotency_key_invalid), req);
    std::string principal = req.who.user_id;
    if (give_up) {
        const auto fate = co_await store::abandon(database, std::move(principal), std::move(key));
        co_return show(req, fate);
    }
    const auto fate = co_await store::find_fate(database, std::move(principal), std::move(key));
    co_return show(req, fate);
}

}  // namespace

std::vector<http::route> request_routes(store::database& database)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto who = identity::requests_resolve;
    const http::handler find = [&database](request& req) { return answer(database, req, false); };
    const http::handler give_up = [&database](request& req) { return answer(database, req, true); };
    return {
        {verb::get, "/api/requests/{key}", who, keyed::never, body_kind::none, find},
        {verb::post, "/api/requests/{key}/abandon", who, keyed::never, body_kind::none, give_up},
    };
}

}  // namespace kieng::node
