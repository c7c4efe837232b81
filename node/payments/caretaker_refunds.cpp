// The part of the caretaker that pays back and acts on messages that came early.
#include "base/log.hpp"
#include "node/payments/caretaker.hpp"

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

constexpr int kWebhookTries = 12;  // over about five minutes

store::write_key caretakers()
{
    store::write_key key;
    key.principal = "caretaker";
    return key;
}

void tell(std::string_view what, const std::string& id, const failure& why)
{
    log::warning(what, {{"id", id}, {"code", name_of(why.code)}, {"why", why.detail.en}});
}

}  // namespace

task<> caretaker::pay_back(due_refund what)
{
    n_refunds_.fetch_add(1);
    const std::string payment_id = what.what.payment_id;
    std::function<std::optional<payment>(tx&)> read = [payment_id](tx& on) {
        return find_payment(on, payment_id);
    };
    auto of = co_await in_.where.reads.query<std::optional<payment>>(std::move(read));
    if (!of || !*of) co_return;
    auto* const with = in_.ways.find((*of)->how);
    result<refund_report> said = failure(errc::gateway_unavailable);
    if (with) said = co_await with->refund(**of, what.what);
    std::optional<std::chrono::milliseconds> again;
    if (!said) {
        // A compensation is never given up: the pause grows, and the log tells of it.
        n_unreachable_.fetch_add(1);
        tell("refund_not_sent", what.what.id, said.error());
        again = pause_after(what.steps);
    } else if (said->state == refund_status::processing &&
               what.what.state == refund_status::processing) {
        again = in_.how.query_after;
    }
    const std::string id = what.what.id;
    if (again) {
        std::function<bool(tx&)> later = [id, again](tx& on) {
            postpone_refund(on, id, again);
            return true;
        };
        (void)co_await in_.where.reads.query<bool>(std::move(later));
        co_return;
    }
    business change = [this, id, report = *said](tx& on) -> result<answer> {
        in_.settle.apply(on, id, report, {});
        return answer{};
    };
    auto key = caretakers();
    const auto done = co_await in_.where.writes.run(std::move(key), std::move(change));
    if (!done) tell("refund_not_settled", id, done.error());
}

task<> caretaker::act_on(stored_webhook what)
{
    n_webhooks_.fetch_add(1);
    const bool last = what.steps >= kWebhookTries;
    auto said = webhooks_.read(what);
    if (!said) {
        tell("webhook_unreadable", what.event_id, said.error());
        co_return;  // a provider that is not set any more: due again, until it is
    }
    const auto pause = pause_after(what.steps);
    const auto id = what.id;
    const auto done = co_await webhooks_.act(std::move(what), *std::move(said), last);
    if (!done || *done != taken::waits || last) co_return;
    std::function<bool(tx&)> later = [id, pause](tx& on) {
        postpone_webhook(on, id, pause);
        return true;
    };
    (void)co_await in_.where.reads.query<bool>(std::move(later));
}

}  // namespace kieng::payments
