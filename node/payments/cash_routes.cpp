#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/payments/cash_json.hpp"
#include "node/payments/payment_routes.hpp"

namespace kieng::payments {
namespace {

using http::request;
using http::response;
using identity::id_of;
using identity::no_query;
using identity::write_key_of;

struct cash_desk {
    cash_service& drawers;
    std::string currency;
};

till_person person_of(const request& from)
{
    return {identity::actor_of(from), from.who.may(identity::cash_approve)};
}

response written(result<store::written> done, const request& to)
{
    if (!done) return http::problem(done.error(), to);
    return identity::to_response(*std::move(done));
}

task<response> open(cash_desk desk, request& from)
{
    if (const auto plain = no_query(from); !plain) co_return http::problem(plain.error(), from);
    auto what = read_cash_opening(from.body, desk.currency);
    if (!what) co_return http::problem(what.error(), from);
    auto key = write_key_of(from);
    auto by = person_of(from);
    auto done = co_await desk.drawers.open(std::move(key), *std::move(what), std::move(by));
    co_return written(std::move(done), from);
}

task<response> move(cash_desk desk, request& from)
{
    if (const auto plain = no_query(from); !plain) co_return http::problem(plain.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto what = read_cash_transfer(from.body);
    if (!what) co_return http::problem(what.error(), from);
    auto key = write_key_of(from);
    auto by = person_of(from);
    auto done =
        co_await desk.drawers.move(std::move(key), *std::move(id), *std::move(what), std::move(by));
    co_return written(std::move(done), from);
}

task<response> close(cash_desk desk, request& from)
{
    if (const auto plain = no_query(from); !plain) co_return http::problem(plain.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto what = read_cash_closing(from.body);
    if (!what) co_return http::problem(what.error(), from);
    auto key = write_key_of(from);
    auto by = person_of(from);
    auto done = co_await desk.drawers.close(std::move(key), *std::move(id), *std::move(what),
                                            std::move(by));
    co_return written(std::move(done), from);
}

task<response> show(cash_desk desk, request& from)
{
    if (const auto plain = no_query(from); !plain) co_return http::problem(plain.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto by = person_of(from);
    const auto found = co_await desk.drawers.report(*std::move(id), std::move(by));
    if (!found) co_return http::problem(found.error(), from);
    auto out = http::json_response(200, to_json(found->value));
    out.pos = found->pos;
    co_return out;
}

task<response> show_list(cash_desk desk, request& from)
{
    session_filter what;
    std::optional<std::string> cursor;
    std::string mark = "cash-sessions";
    const auto read = identity::read_query(from, [&](http::query_reader& in) {
        what.till = in.text("till", 40);
        what.cashier = in.uuid("cashier");
        const auto state = in.choice("status", {"open", "closed"});
        if (state) what.open = *state == "open";
        what.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
        mark += ";" + what.till.value_or("") + ";" + what.cashier.value_or("") + ";" +
                state.value_or("");
    });
    if (!read) co_return http::problem(read.error(), from);
    if (cursor) {
        const auto place = identity::read_cursor(*cursor, mark);
        if (!place) co_return http::problem(place.error(), from);
        what.before_at = place->at;
        what.before_id = place->id;
    }
    const auto limit = static_cast<std::size_t>(what.limit);
    auto by = person_of(from);
    auto found = co_await desk.drawers.list(std::move(what), std::move(by));
    if (!found) co_return http::problem(found.error(), from);
    auto& all = found->value;
    const bool more = all.size() > limit;
    if (more) all.resize(limit);
    std::string body = R"({"items":[)";
    for (const auto& one : all) body += (body.back() == '[' ? "" : ",") + to_json(one);
    body += ']';
    if (more)
        body += R"(,"nextCursor":)" +
                json_string(identity::to_cursor({all.back().opened_at, all.back().id}, mark));
    auto out = http::json_response(200, body + "}");
    out.pos = found->pos;
    co_return out;
}

}  // namespace

std::vector<http::route> cash_routes(cash_service& drawers, std::string currency)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    using identity::cash_session;
    const cash_desk desk{drawers, std::move(currency)};
    const auto on = [desk](task<response> (*handle)(cash_desk, request&)) {
        return http::handler([desk, handle](request& from) { return handle(desk, from); });
    };
    return {
        {verb::post, "/cash-sessions", cash_session, keyed::must, body_kind::json, on(open)},
        {verb::get, "/cash-sessions", cash_session, keyed::never, body_kind::none, on(show_list)},
        {verb::get, "/cash-sessions/{id}", cash_session, keyed::never, body_kind::none, on(show)},
        {verb::post, "/cash-sessions/{id}/movements", cash_session, keyed::must, body_kind::json,
         on(move)},
        {verb::post, "/cash-sessions/{id}/close", cash_session, keyed::must, body_kind::json,
         on(close)},
    };
}

}  // namespace kieng::payments
