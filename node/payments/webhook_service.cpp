#include "node/payments/webhook_service.hpp"

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "node/payments/local_providers.hpp"
#include "node/payments/payment_store.hpp"

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

// A node that stops between storing and acting leaves the rest to the caretaker of any node.
constexpr std::chrono::seconds kActWithin{5};
constexpr std::chrono::seconds kAgain{2};

store::write_key nobody()
{
    store::write_key key;
    key.principal = "webhooks";
    return key;
}

// VNPay's message is its query; stored in that form.
std::vector<std::pair<std::string, std::string>> query_of(std::string_view raw)
{
    std::vector<std::pair<std::string, std::string>> out;
    while (!raw.empty()) {
        const auto end = std::min(raw.find('&'), raw.size());
        const auto pair = raw.substr(0, end);
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
        out.emplace_back(percent_decode(pair.substr(0, equals), true).value_or(""),
                         percent_decode(value, true).value_or(""));
        raw.remove_prefix(std::min(end + 1, raw.size()));
    }
    return out;
}

taken taken_of(verdict v) noexcept
{
    switch (v) {
    case verdict::applied: return taken::applied;
    case verdict::unchanged: return taken::unchanged;
    case verdict::wrong_amount: return taken::wrong_amount;
    case verdict::unmatched: return taken::waits;
    }
    return taken::unchanged;
}

}  // namespace

std::string_view name_of(taken how) noexcept
{
    switch (how) {
    case taken::applied: return "applied";
    case taken::unchanged: return "unchanged";
    case taken::wrong_amount: return "wrong_amount";
    case taken::waits: return "stored";
    }
    return "";
}

task<result<taken>> webhook_service::take(method how, webhook what)
{
    const auto* const from = in_.ways.find(how);
    if (!from) co_return failure(errc::not_found);
    auto said = from->verify_webhook(what, in_.now.wall());
    if (!said) {
        log::warning("webhook_refused",
                     {{"provider", name_of(how)}, {"why", name_of(said.error().code)}});
        co_return said.error();
    }
    std::function<stored_webhook(tx&)> keep = [how, id = said->event_id, what,
                                               node = in_.node](tx& on) {
        const std::string signature(header_of(what, "webhook-signature"));
        return store_webhook(on, how, id, what, signature, kActWithin, node);
    };
    auto kept = co_await in_.where.reads.query<stored_webhook>(std::move(keep));
    if (!kept) co_return kept.error();
    if (kept->processed) co_return taken::unchanged;
    co_return co_await act(*std::move(kept), *std::move(said), false);
}

task<result<taken>> webhook_service::act(stored_webhook what, notice said, bool last)
{
    const auto seen = std::make_shared<verdict>(verdict::unchanged);
    business change = [this, what, said, last, seen](tx& on) -> result<answer> {
        *seen = verdict::unchanged;
        // The payment's locks come first everywhere, the message's own after them.
        const auto id = payment_by_reference(on, said.references);
        if (!id) {
            *seen = verdict::unmatched;
            if (last) finish_webhook(on, what.id, "unmatched");
            return answer{};
        }
        *seen = in_.settle.apply(on, *id, said.what, {});
        if (lock_unprocessed(on, what.id)) finish_webhook(on, what.id, std::string(name_of(*seen)));
        return answer{};
    };
    auto key = nobody();
    const auto done = co_await in_.where.writes.run(std::move(key), std::move(change));
    if (!done) co_return done.error();
    if (*seen == verdict::unmatched) {
        log::warning(last ? "webhook_unmatched" : "webhook_early",
                     {{"provider", name_of(what.how)}, {"event_id", what.event_id}});
        std::function<bool(tx&)> later = [id = what.id](tx& on) {
            postpone_webhook(on, id, kAgain);
            return true;
        };
        if (!last && what.steps == 0) (void)co_await in_.where.reads.query<bool>(std::move(later));
    }
    if (*seen == verdict::applied) wake_();
    co_return taken_of(*seen);
}

result<notice> webhook_service::read(const stored_webhook& what) const
{
    const auto* const from = in_.ways.find(what.how);
    if (!from) return failure(errc::not_found);
    webhook again;
    again.headers.emplace_back("webhook-signature", what.signature);
    again.raw = what.raw;
    if (what.how == method::vnpay) again.query = query_of(what.raw);
    return from->verify_webhook(again, what.received_at);
}

task<vnpay::reply> webhook_service::take_ipn(webhook what)
{
    const auto* const from = in_.ways.find(method::vnpay);
    if (!from) co_return vnpay::reply::invalid_signature;
    const auto said = from->verify_webhook(what, in_.now.wall());
    if (!said)
        co_return said.error().code == errc::signature_invalid ? vnpay::reply::invalid_signature
                                                               : vnpay::reply::unknown_error;
    vnpay::parameters raw(what.query.begin(), what.query.end());
    what.raw = vnpay::canonical(raw);
    const auto done = co_await take(method::vnpay, std::move(what));
    if (!done) co_return vnpay::reply::unknown_error;
    switch (*done) {
    case taken::applied: co_return vnpay::reply::confirmed;
    case taken::unchanged: co_return vnpay::reply::already_confirmed;
    case taken::wrong_amount: co_return vnpay::reply::invalid_amount;
    case taken::waits: co_return vnpay::reply::order_not_found;
    }
    co_return vnpay::reply::unknown_error;
}

}  // namespace kieng::payments
