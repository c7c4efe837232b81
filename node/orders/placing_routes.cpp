#include "base/ids.hpp"
#include "base/json_text.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/orders/order_json.hpp"
#include "node/orders/order_routes.hpp"
#include "node/orders/order_version.hpp"

#include <cstring>

namespace kieng::orders {
namespace {

using http::request;
using http::response;

constexpr std::string_view kGuest = "guest";

// Who orders, and by which name of theirs the order can be told from its repeat.
struct sender {
    std::string guest_id;    // of a guest
    bool new_guest = false;  // who gets a token with the answer
    std::string principal, key;
};

// The key of header or body; both must say the same. Errors: version_missing, version_invalid, version_ambiguous.
result<std::string> key_of(const request& from, const std::optional<std::string>& version)
{
    if (!version) {
        if (from.idempotency_key) return *from.idempotency_key;
        return failure(errc::version_missing);
    }
    const auto parsed = parse_version(*version);
    if (!parsed) return parsed.error();
    if (from.idempotency_key && *from.idempotency_key != *version)
        return failure(errc::version_ambiguous);
    return *version;
}

// A version names its sender, so that nobody uses up another's.
result<void> check_sender(const std::optional<std::string>& version, std::string_view user)
{
    if (!version) return {};
    const auto parsed = parse_version(*version);
    if (parsed && parsed->user == user) return {};
    return failure(errc::forbidden,
                   {"Version mang tên người gửi khác.", "The version names another sender."});
}

result<sender> sender_of(const request& from, const guest_tokens& guests,
                         const std::optional<std::string>& version)
{
    auto key = key_of(from, version);
    if (!key) return key.error();
    sender out;
    out.key = *std::move(key);
    if (from.who.signed_in()) {
        out.principal = from.who.user_id;
        const auto right = check_sender(version, from.who.user_id);
        if (!right) return right.error();
        return out;
    }
    const auto known = guest_of(from, guests);
    if (!known) return known.error();
    out.new_guest = !*known;
    out.guest_id = *known ? **known : guests.guest_of(out.key, from.fingerprint());
    // Before they have an id, guests share the name "guest"; the request itself then tells whose it is.
    const auto right = check_sender(version, *known ? std::string_view(**known) : kGuest);
    if (!right) return right.error();
    out.principal = *known ? "guest:" + **known : "anonymous:/orders";
    return out;
}

store::write_key write_key_of(const request& from, const sender& who)
{
    store::write_key out;
    out.principal = who.principal;
    out.key = who.key;
    out.fingerprint = from.fingerprint();
    out.trace = from.trace;
    return out;
}

order_draft draft_of(const request& from, const placing_desk& desk, new_order what,
                     const sender& who)
{
    order_draft out;
    out.id = make_uuid(desk.now, desk.bits);
    out.what = std::move(what);
    out.actor = from.who.user_id;
    out.principal = who.principal;
    out.key = who.key;
    const auto print = from.fingerprint();
    std::memcpy(&out.request_hash, print.data(), sizeof out.request_hash);
    return out;
}

// A guest's token is made again for each answer: it is signed, not stored.
void add_guest_token(response& out, const std::string& token)
{
    if (out.body.empty() || out.body.back() != '}') return;
    out.body.pop_back();
    out.body += ",\"guestToken\":" + json_string(token) + "}";
}

task<response> place(placing_desk desk, request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = read_order(from.body);
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = sender_of(from, desk.guests, wanted->version);
    if (!who) co_return http::problem(who.error(), from);
    order_draft draft = draft_of(from, desk, *std::move(wanted), *who);
    draft.customer_id = from.who.user_id;
    draft.guest_id = who->guest_id;
    store::write_key key = write_key_of(from, *who);
    auto done = co_await desk.service.place(std::move(key), std::move(draft));
    if (!done) co_return http::problem(done.error(), from);
    response out = identity::to_response(*std::move(done));
    if (who->new_guest) add_guest_token(out, desk.guests.token_of(who->guest_id));
    co_return out;
}

task<response> sell(placing_desk desk, request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = read_counter_sale(from.body);
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = sender_of(from, desk.guests, wanted->version);
    if (!who) co_return http::problem(who.error(), from);
    order_draft draft = draft_of(from, desk, *std::move(wanted), *who);
    draft.through = channel::pos;
    draft.customer_id = draft.what.customer_id.value_or("");
    draft.finished = true;
    // What was sold without a connection has left the shop: the book follows.
    draft.beyond_stock = draft.what.offline ||
                         (draft.what.over_stock && from.who.may(identity::pos_sell_over_stock));
    store::write_key key = write_key_of(from, *who);
    auto done = co_await desk.service.sell(std::move(key), std::move(draft));
    if (!done) co_return http::problem(done.error(), from);
    co_return identity::to_response(*std::move(done));
}

}  // namespace

result<std::optional<std::string>> guest_of(const request& from, const guest_tokens& guests)
{
    const auto token = from.header("kieng-guest");
    if (!token) return std::optional<std::string>();
    auto id = guests.read(*token);
    if (!id) return failure(errc::token_invalid);
    return id;
}

std::vector<http::route> placing_routes(const placing_desk& desk)
{
    using http::body_kind;
    using http::keyed;
    using http::verb;
    const auto on = [desk](task<response> (*handle)(placing_desk, request&)) {
        return http::handler([desk, handle](request& from) { return handle(desk, from); });
    };
    return {
        // verb       path           who may                repeats      body             what
        // The key may stand in the body, so the handler asks for it.
        {verb::post, "/orders", identity::orders_own, keyed::may, body_kind::json, on(place)},
        {verb::post, "/pos/sales", identity::pos_sell, keyed::may, body_kind::json, on(sell)},
    };
}

}  // namespace kieng::orders
