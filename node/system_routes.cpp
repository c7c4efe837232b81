#include "node/system_routes.hpp"

#include "base/encoding.hpp"
#include "node/answer_form.hpp"
#include "node/identity/permissions.hpp"
#include "node/platform/cache/gzip.hpp"

namespace kieng::node {
namespace {

using http::request;
using http::response;
namespace wire = cluster::wire;

result<wire::requirement> requirement_of(const request& req, bool readiness)
{
    std::vector<field_fault> faults;
    http::query_reader query(req, faults);
    auto out = wire::requirement::ready;
    if (!readiness) out = read_requirement(query);
    query.flag("text");
    query.finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    return out;
}

response show_health(const request& req, const health_view& seen, bool readiness)
{
    const auto form = form_of(req);
    if (form == answer_form::neither) return http::problem(failure(errc::not_acceptable), req);
    const auto required = requirement_of(req, readiness);
    if (!required) return http::problem(required.error(), req);
    wire::status_frame frame;
    frame.cluster = seen.cluster;
    frame.at = seen.at;
    frame.in = req.lang == http::language::vi ? wire::tongue::vi : wire::tongue::en;
    frame.with_reasons = req.who.may(identity::cluster_operate);
    response out = form == answer_form::text
                       ? lines(wire::health_text(seen.facts, seen.now, frame))
                       : http::json_response(200, wire::health_json(seen.facts, seen.now, frame));
    out.status = wire::satisfies(seen.facts, seen.now, *required) ? 200 : 503;
    if (out.status == 503) out.headers.emplace_back("Retry-After", "1");
    return out;
}

http::handler health_handler(std::function<health_view()> health, bool readiness)
{
    return [health = std::move(health), readiness](request& req) -> task<response> {
        co_return show_health(req, health(), readiness);
    };
}

// Routes that take no parameters refuse them, so that a misspelt one is noticed.
result<void> no_parameters(const request& req)
{
    std::vector<field_fault> faults;
    http::query_reader(req, faults).finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    return {};
}

http::handler metrics_handler(std::function<std::string()> metrics)
{
    return [metrics = std::move(metrics)](request& req) -> task<response> {
        if (const auto plain = no_parameters(req); !plain)
            co_return http::problem(plain.error(), req);
        response out;
        out.content_type = "text/plain; version=0.0.4; charset=utf-8";
        out.body = metrics();
        co_return out;
    };
}

http::handler contract_handler()
{
    const auto hash = to_hex(as_text(sha256(embedded_contract())).substr(0, 8));
    const auto packed = std::make_shared<const std::string>(cache::gzip(embedded_contract(), 9));
    return [hash, packed](request& req) -> task<response> {
        if (const auto plain = no_parameters(req); !plain)
            co_return http::problem(plain.error(), req);
        response out;
        out.gzip = packed;
        out.body = std::string(embedded_contract());
        out.etag = hash;
        out.cacheable = true;
        co_return out;
    };
}

}  // namespace

std::vector<http::route> system_routes(system_sources from)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto who = identity::system_read;
    return {
        {verb::get, "/api/health", who, keyed::never, body_kind::none,
         health_handler(from.health, false)},
        {verb::get, "/health", who, keyed::never, body_kind::none,
         health_handler(from.health, false)},
        {verb::get, "/ready", who, keyed::never, body_kind::none,
         health_handler(from.health, true)},
        {verb::get, "/metrics", who, keyed::never, body_kind::none, metrics_handler(from.metrics)},
        {verb::get, "/api/openapi.json", who, keyed::never, body_kind::none, contract_handler()},
    };
}

}  // namespace kieng::node
