#include "node/orders/order_routes.hpp"

#include "base/ids.hpp"
#include "node/catalog/product_query.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/orders/order_json.hpp"

#include <algorithm>

namespace kieng::orders {
namespace {

using http::body_kind;
using http::keyed;
using http::request;
using http::response;
using http::verb;
using identity::id_of;
using identity::read_query;

result<viewer> viewer_of(const request& from, const guest_tokens& guests)
{
    viewer out;
    out.all = from.who.may(identity::orders_read_all);
    out.customer_id = from.who.user_id;
    if (from.who.signed_in()) return out;
    auto guest = guest_of(from, guests);
    if (!guest) return guest.error();
    out.guest_id = guest->value_or("");
    return out;
}

// "pending,paid" of known words only.
template <class Known>
std::vector<std::string> words_of(http::query_reader& in, std::string_view name,
                                  std::string_view allowed, Known known)
{
    std::vector<std::string> out;
    const auto text = in.text(name);
    if (!text) return out;
    for (std::size_t from = 0; from <= text->size();) {
        const std::size_t to = std::min(text->find(',', from), text->size());
        out.push_back(text->substr(from, to - from));
        if (!known(out.back())) {
            in.fault(name, fault_code::not_one_of, std::string(allowed));
            return {};
        }
        from = to + 1;
    }
    return out;
}

std::optional<wall_time> time_of(http::query_reader& in, std::string_view name)
{
    const auto text = in.text(name, 40);
    if (!text) return std::nullopt;
    const auto at = from_iso8601(*text);
    if (!at) in.fault(name, fault_code::bad_format, "2026-11-20T09:00:00Z");
    return at;
}

struct list_request {
    order_filter what;
    std::optional<std::string> cursor;
};

void read_filter(http::query_reader& in, list_request& out)
{
    constexpr std::string_view kAllowed =
        "created|pending|paid|confirmed|processing|shipped|delivered|cancelled|failed|returned|refunded";
    for (const auto& name : words_of(in, "status", kAllowed, status_named))
        out.what.statuses.push_back(*status_named(name));
    out.what.customer_id = in.uuid("customer");
    if (const auto number = in.text("number", 40)) {
        std::string upper = *number;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        out.what.number = upper;
    }
    if (const auto through = in.choice("channel", {"online", "pos"}))
        out.what.through = channel_named(*through);
    out.what.from = time_of(in, "from");
    out.what.to = time_of(in, "to");
    out.what.limit = static_cast<int>(in.integer("limit", 1, 200).value_or(20));
    out.cursor = in.text("cursor", 2048);
}

// What the query asks for without its page: cursors belong to it.
std::string mark_of(const request& from)
{
    std::vector<std::string> parts;
    for (const auto& [name, value] : from.query)
        if (name != "cursor" && name != "limit") parts.push_back(name + "=" + value);
    std::sort(parts.begin(), parts.end());
    std::string out = "orders";
    for (const auto& part : parts) out += ";" + part;
    return out;
}

task<response> show_list(order_desk desk, request& from)
{
    list_request asked;
    const auto read = read_query(from, [&](http::query_reader& in) { read_filter(in, asked); });
    if (!read) co_return http::problem(read.error(), from);
    auto who = viewer_of(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const std::string mark = mark_of(from);
    if (asked.cursor) {
        auto place = catalog::decode_place(*asked.cursor, mark);
        if (!place) co_return http::problem(place.error(), from);
        auto id = parse_uuid(*place);
        if (!id) co_return http::problem(failure(errc::cursor_invalid), from);
        asked.what.before = *std::move(id);
    }
    // Who is nobody yet has ordered nothing yet.
    if (!who->all && who->customer_id.empty() && who->guest_id.empty())
        co_return http::json_response(200, R"({"items":[]})");
    const auto limit = static_cast<std::size_t>(asked.what.limit);
    auto got = co_await desk.service.list(std::move(asked.what), *std::move(who));
    if (!got) co_return http::problem(got.error(), from);
    std::optional<std::string> next;
    if (got->value.size() > limit) {
        got->value.resize(limit);
        next = catalog::encode_place(got->value.back().id, mark);
    }
    std::string body;
    append_page(body, got->value, next);
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

task<response> show(order_desk desk, request& from)
{
    order_expansion with;
    const auto read = read_query(from, [&](http::query_reader& in) {
        const auto known = [](const std::string& word) {
            return word == "items.product" || word == "payments" || word == "history";
        };
        for (const auto& word : words_of(in, "expand", "items.product|payments|history", known)) {
            if (word == "items.product") with.product = true;
            if (word == "payments") with.payments = true;
            if (word == "history") with.history = true;
        }
    });
    if (!read) co_return http::problem(read.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto who = viewer_of(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const auto got = co_await desk.service.find(*std::move(id), *std::move(who), with);
    if (!got) co_return http::problem(got.error(), from);
    std::string body;
    append_order(body, got->value);
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

task<response> show_status(order_desk desk, request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto who = viewer_of(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    const order_expansion with;
    const auto got = co_await desk.service.find(*std::move(id), *std::move(who), with);
    if (!got) co_return http::problem(got.error(), from);
    std::string body;
    append_status(body, got->value.what);
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

step_form form_of(step what) noexcept
{
    switch (what) {
    case step::ship: return step_form::ship;
    case step::give_back: return step_form::give_back;
    case step::refund: return step_form::refund;
    case step::confirm:
    case step::process:
    case step::deliver:
    case step::cancel: break;
    }
    return step_form::plain;
}

task<response> take(order_desk desk, step what, request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto id = id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto with = read_step(from.body, form_of(what));
    if (!with) co_return http::problem(with.error(), from);
    const auto version = identity::version_of(from, with->row_version);
    if (!version) co_return http::problem(version.error(), from);
    with->row_version = *version;
    auto who = viewer_of(from, desk.guests);
    if (!who) co_return http::problem(who.error(), from);
    store::write_key key = identity::write_key_of(from);
    if (!who->guest_id.empty()) key.principal = "guest:" + who->guest_id;
    std::string user = from.who.user_id;
    auto done = co_await desk.steps.take(std::move(key), what, *std::move(id), *std::move(with),
                                         *std::move(who), std::move(user));
    if (!done) co_return http::problem(done.error(), from);
    co_return identity::to_response(*std::move(done));
}

}  // namespace

std::vector<http::route> order_routes(const order_desk& desk)
{
    using identity::orders_manage;
    using identity::orders_own;
    using identity::orders_refund;
    const auto on = [desk](task<response> (*handle)(order_desk, request&)) {
        return http::handler([desk, handle](request& from) { return handle(desk, from); });
    };
    const auto taking = [desk](step what) {
        return http::handler([desk, what](request& from) { return take(desk, what, from); });
    };
    constexpr auto must = keyed::must;
    constexpr auto json = body_kind::json;
    return {
        // verb     path                     who may     repeats       body             what
        {verb::get, "/orders", orders_own, keyed::never, body_kind::none, on(show_list)},
        {verb::get, "/orders/{id}", orders_own, keyed::never, body_kind::none, on(show)},
        {verb::get, "/orders/{id}/status", orders_own, keyed::never, body_kind::none,
         on(show_status)},
        {verb::post, "/orders/{id}/cancel", orders_own, must, json, taking(step::cancel)},
        {verb::post, "/orders/{id}/confirm", orders_manage, must, json, taking(step::confirm)},
        {verb::post, "/orders/{id}/process", orders_manage, must, json, taking(step::process)},
        {verb::post, "/orders/{id}/ship", orders_manage, must, json, taking(step::ship)},
        {verb::post, "/orders/{id}/deliver", orders_manage, must, json, taking(step::deliver)},
        {verb::post, "/orders/{id}/return", orders_refund, must, json, taking(step::give_back)},
        {verb::post, "/orders/{id}/refund", orders_refund, must, json, taking(step::refund)},
    };
}

}  // namespace kieng::orders
