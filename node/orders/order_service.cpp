#include "node/orders/order_service.hpp"

#include "node/inventory/stock_announcement.hpp"
#include "node/orders/order_announcement.hpp"
#include "node/orders/order_changes.hpp"
#include "node/orders/order_json.hpp"
#include "node/orders/order_store.hpp"

#include <numeric>

namespace kieng::orders {
namespace {

constexpr const char* kShop =
    "01900000-0000-7000-8000-000000000001";  // the location there always is

store::answer answer_of(int status, std::string body, const order& of)
{
    store::answer out;
    out.status = status;
    out.body = std::move(body);
    out.headers.emplace_back("Location", "/orders/" + of.id);
    return out;
}

// The request was answered so long ago that its answer is forgotten; the order is not.
result<store::answer> known_answer(store::tx& on, const known_order& known, int status)
{
    if (!known.same_request) return failure(errc::idempotency_key_reused);
    const auto found = order_store::read(on, known.id, {});
    if (!found.value) return failure(errc::internal_error);
    return answer_of(status, placed_body(found.value->what), found.value->what);
}

// What was paid with at the counter: its sum is the total to the last unit.
result<std::vector<counter_payment>> payments_of(const order_draft& draft, std::int64_t total)
{
    if (draft.what.payments.empty())
        return std::vector<counter_payment>{{draft.what.method, total, std::nullopt}};
    std::int64_t sum = 0;
    for (const auto& one : draft.what.payments) {
        if (one.amount > total - sum)
            return invalid("/payments", fault_code::out_of_range,
                           "together " + std::to_string(total));
        sum += one.amount;
    }
    if (sum != total)
        return invalid("/payments", fault_code::not_enough, "together " + std::to_string(total));
    return draft.what.payments;
}

std::int64_t change_of(const std::vector<counter_payment>& payments)
{
    return std::accumulate(payments.begin(), payments.end(), std::int64_t{0},
                           [](std::int64_t sum, const counter_payment& one) {
                               return sum + one.tendered.value_or(one.amount) - one.amount;
                           });
}

void announce_sale(store::tx& on, const placed_order& placed)
{
    announce(on, placed_event(placed.what));
    order confirmed = placed.what;
    confirmed.at = status::confirmed;
    announce(on, step_event(confirmed, status::paid));
    std::vector<std::string> variants;
    for (const auto& line : placed.what.lines) variants.push_back(line.variant_id);
    inventory::announce_stock(on, variants, "sale", placed.what.id);
    for (auto& event : low_events(placed)) announce(on, std::move(event));
}

}  // namespace

order_service::order_service(surroundings in)
    : in_(std::move(in)),
      batches_(in_.work, [this](store::tx& on, const std::vector<const order_draft*>& drafts) {
          return place_all(on, drafts);
      })
{}

std::vector<store::unit_done> order_service::place_all(
    store::tx& on, const std::vector<const order_draft*>& drafts) const
{
    auto outcomes = kieng::orders::place(on, drafts, in_.node);
    std::vector<store::unit_done> out;
    out.reserve(outcomes.size());
    for (auto& one : outcomes) out.push_back(end_of(on, std::move(one)));
    return out;
}

store::unit_done order_service::end_of(store::tx& on, placing_outcome outcome) const
{
    store::unit_done out;
    if (auto* refused = std::get_if<failure>(&outcome)) {
        out.what = std::move(*refused);
    } else if (const auto* known = std::get_if<known_order>(&outcome)) {
        out.what = known_answer(on, *known, 202);
    } else {
        auto& placed = std::get<placed_order>(outcome);
        placed.what.location_id = kShop;
        out.what = answer_of(202, placed_body(placed.what), placed.what);
        out.events.push_back(placed_event(placed.what));
        for (auto& event : low_events(placed)) out.events.push_back(std::move(event));
    }
    return out;
}

task<result<store::written>> order_service::place(store::write_key key, order_draft draft)
{
    co_return co_await batches_.run(std::move(key), std::move(draft));
}

result<store::answer> order_service::sell_in(store::tx& on, const order_draft& draft) const
{
    const std::vector<const order_draft*> one{&draft};
    auto outcome = std::move(kieng::orders::place(on, one, in_.node).front());
    if (auto* refused = std::get_if<failure>(&outcome)) return std::move(*refused);
    if (const auto* known = std::get_if<known_order>(&outcome))
        return known_answer(on, *known, 201);
    auto& placed = std::get<placed_order>(outcome);
    placed.what.location_id = kShop;
    auto payments = payments_of(draft, placed.what.total);
    if (!payments) return payments.error();
    const std::int64_t change = change_of(*payments);
    std::string recorded = "[]";
    if (hooks_.record) {
        const counter_sale sale{placed.what.id,    placed.what.number,   placed.what.customer_id,
                                draft.actor,       draft.what.till,      placed.what.currency,
                                placed.what.total, *std::move(payments), draft.what.offline};
        auto done = hooks_.record(on, sale);
        if (!done) return done.error();
        recorded = *std::move(done);
    }
    announce_sale(on, placed);
    return answer_of(201, sold_body(placed.what, recorded, change), placed.what);
}

task<result<store::written>> order_service::sell(store::write_key key, order_draft draft)
{
    store::unit_of_work::business work = [this, draft = std::move(draft)](store::tx& on) {
        return sell_in(on, draft);
    };
    co_return co_await in_.work.run(std::move(key), std::move(work));
}

task<result<store::seen<shown_order>>> order_service::find(std::string id, viewer who,
                                                           order_expansion with)
{
    using found = store::seen<std::optional<shown_order>>;
    std::function<found(store::tx&)> look = [this, id = std::move(id), with](store::tx& on) {
        auto out = order_store::read(on, id, with);
        if (out.value && with.payments)
            out.value->payments = hooks_.list ? hooks_.list(on, id) : "[]";
        return out;
    };
    auto got = co_await in_.reads.query(std::move(look));
    if (!got) co_return got.error();
    if (!got->value || !who.may_see(got->value->what)) co_return failure(errc::not_found);
    co_return store::seen<shown_order>{*std::move(got->value), got->pos};
}

task<result<store::seen<std::vector<order>>>> order_service::list(order_filter what, viewer who)
{
    std::function<store::seen<std::vector<order>>(store::tx&)> look =
        [what = std::move(what), who = std::move(who)](store::tx& on) {
            return order_store::list(on, what, who);
        };
    co_return co_await in_.reads.query(std::move(look));
}

task<result<int>> order_service::expire_due(int most)
{
    std::function<std::vector<std::string>(store::tx&)> pick = [most](store::tx& on) {
        return order_store::overdue(on, most);
    };
    const auto due = co_await in_.reads.query(std::move(pick));
    if (!due) co_return due.error();
    int ended = 0;
    for (const auto& id : *due) {
        store::unit_of_work::business work = [this, id](store::tx& on) -> result<store::answer> {
            store::answer nothing;
            nothing.status = 204;
            auto of = order_store::lock_overdue(on, id);
            if (!of) return nothing;
            const auto done = take_step(
                on, *of, {status::cancelled, "reservation_expired", {}, true}, {"", in_.node});
            if (!done) return done.error();
            return nothing;
        };
        store::write_key nobody;
        nobody.principal = "orders";
        const auto done = co_await in_.work.run(std::move(nobody), std::move(work));
        if (!done) co_return done.error();
        if (done->pos) ++ended;
    }
    co_return ended;
}

}  // namespace kieng::orders
