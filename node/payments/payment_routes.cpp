#include "node/payments/payment_routes.hpp"

#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/payments/payment_json.hpp"

namespace kieng::payments {
namespace {

using http::request;
using http::response;
using identity::actor_of;
using identity::id_of;
using identity::no_query;
using identity::read_query;
using identity::to_response;
using identity::write_key_of;

// Errors: token_invalid (a guest token that was not signed here).
result<viewer> viewer_of(const request& from, const orders::guest_tokens& guests)
{
    viewer out;
    out.all = from.who.may(identity::orders_read_all);
    out.account = from.who.user_id;
    const auto token = from.header("kieng-guest");
    if (from.who.signed_in() || !token) return out;
    auto guest = guests.read(*token);
    if (!guest) return failure(errc::token_invalid);
    out.guest = *std::move(guest);
    return out;
}

// A guest's keys are a guest's own.
store::write_key key_of(const request& from, const viewer& by)
{
    auto out = write_key_of(from);
    if (!by.guest.empty()) out.principal = "guest:" + by.guest;
    return out;
}

struct asked {
    std::string id;
    payer by;
    store::write_key key;
};

// What every write needs of its request. Errors: invalid_parameter, not_found, token_invalid.
result<asked> read_asked(const request& from, const orders::guest_tokens& guests)
{
    if (const auto plain = no_query(from); !plain) return plain.error();
    auto id = id_of(from);
    if (!id) return id.error();
    auto sees = viewer_of(from, guests);
    if (!sees) return sees.error();
    asked out;
    out.id = *std::move(id);
    out.by.sees = *std::move(sees);
    out.by.who = actor_of(from);
    out.by.at_counter = from.who.may(identity::pos_sell);
    out.by.english = from.lang == http::language::en;
    out.key = key_of(from, out.by.sees);
    return out;
}

response written(result<store::written> done, const request& to)
{
    if (!done) return http::problem(done.error(), to);
    return to_response(*std::move(done));
}

task<response> start(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    auto what = read_new_payment(from.body);
    if (!what) co_return http::problem(what.error(), from);
    auto done = co_await desk.payments.start(std::move(who->key), std::move(who->id),
                                             *std::move(what), std::move(who->by));
    co_return written(std::move(done), from);
}

task<response> cancel(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    auto done =
        co_await desk.payments.cancel(std::move(who->key), std::move(who->id), std::move(who->by));
    co_return written(std::move(done), from);
}

task<response> settle(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    auto reference = read_settlement(from.body);
    if (!reference) co_return http::problem(reference.error(), from);
    auto done = co_await desk.payments.settle(std::move(who->key), std::move(who->id),
                                              *std::move(reference), std::move(who->by.who));
    co_return written(std::move(done), from);
}

task<response> pay_back(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    auto what = read_new_refund(from.body);
    if (!what) co_return http::problem(what.error(), from);
    auto done = co_await desk.payments.refund(std::move(who->key), std::move(who->id),
                                              *std::move(what), std::move(who->by.who));
    co_return written(std::move(done), from);
}

task<response> settle_refund(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const auto succeeded = read_refund_settlement(from.body);
    if (!succeeded) co_return http::problem(succeeded.error(), from);
    auto done = co_await desk.payments.settle_refund(std::move(who->key), std::move(who->id),
                                                     *succeeded, std::move(who->by.who));
    co_return written(std::move(done), from);
}

task<response> look_again(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const auto done = co_await desk.payments.look_again(std::move(who->id));
    if (!done) co_return http::problem(done.error(), from);
    co_return http::json_response(202, R"({"status":"asked"})");
}

task<response> show(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const auto found = co_await desk.payments.find(std::move(who->id), std::move(who->by.sees));
    if (!found) co_return http::problem(found.error(), from);
    auto out = http::json_response(200, to_json(found->value));
    out.pos = found->pos;
    co_return out;
}

task<response> show_of_order(payment_desk desk, request& from)
{
    auto who = read_asked(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const auto found = co_await desk.payments.of_order(std::move(who->id), std::move(who->by.sees));
    if (!found) co_return http::problem(found.error(), from);
    auto out = http::json_response(200, R"({"items":)" + to_json(found->value) + "}");
    out.pos = found->pos;
    co_return out;
}

task<response> show_list(payment_desk desk, request& from)
{
    payment_filter what;
    std::optional<std::string> cursor;
    std::string mark = "payments";
    const auto read = read_query(from, [&](http::query_reader& in) {
        std::vector<std::string_view> states, methods;
        for (const auto one : kStatuses) states.push_back(name_of(one));
        for (const auto one : kMethods) methods.push_back(name_of(one));
        const auto state = in.choice("status", states);
        if (state) what.state = status_of(*state);
        const auto how = in.choice("method", methods);
        if (how) what.how = method_of(*how);
        what.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
        cursor = in.text("cursor", 2048);
        mark += ";" + state.value_or("") + ";" + how.value_or("");
    });
    if (!read) co_return http::problem(read.error(), from);
    if (cursor) {
        const auto place = identity::read_cursor(*cursor, mark);
        if (!place) co_return http::problem(place.error(), from);
        what.before_at = place->at;
        what.before_id = place->id;
    }
    const auto limit = static_cast<std::size_t>(what.limit);
    auto found = co_await desk.payments.list(std::move(what));
    if (!found) co_return http::problem(found.error(), from);
    auto& all = found->value;
    const bool more = all.size() > limit;
    if (more) all.resize(limit);
    std::string body = R"({"items":[)";
    for (const auto& one : all) body += (body.back() == '[' ? "" : ",") + to_json(one);
    body += ']';
    if (more)
        body += R"(,"nextCursor":)" +
                json_string(identity::to_cursor({all.back().created_at, all.back().id}, mark));
    auto out = http::json_response(200, body + "}");
    out.pos = found->pos;
    co_return out;
}

}  // namespace

std::vector<http::route> payment_routes(const payment_desk& desk)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    using identity::orders_own;
    using identity::orders_refund;
    using identity::payments_manage;
    const auto on = [desk](task<response> (*handle)(payment_desk, request&)) {
        return http::handler([desk, handle](request& from) { return handle(desk, from); });
    };
    return {
        // verb       path                      who may       repeats      body             what
        {verb::post, "/orders/{id}/payments", orders_own, keyed::must, body_kind::json, on(start)},
        {verb::get, "/orders/{id}/payments", orders_own, keyed::never, body_kind::none,
         on(show_of_order)},
        {verb::get, "/payments", identity::orders_read_all, keyed::never, body_kind::none,
         on(show_list)},
        {verb::get, "/payments/{id}", orders_own, keyed::never, body_kind::none, on(show)},
        {verb::post, "/payments/{id}/cancel", orders_own, keyed::must, body_kind::none, on(cancel)},
        {verb::post, "/payments/{id}/settle", payments_manage, keyed::must, body_kind::json,
         on(settle)},
        {verb::post, "/payments/{id}/query", payments_manage, keyed::never, body_kind::none,
         on(look_again)},
        {verb::post, "/payments/{id}/refunds", orders_refund, keyed::must, body_kind::json,
         on(pay_back)},
        {verb::post, "/refunds/{id}/settle", orders_refund, keyed::must, body_kind::json,
         on(settle_refund)},
    };
}

}  // namespace kieng::payments
