#include "node/payments/caretaker.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

constexpr int kAtOnce = 8;  // of each kind, per turn
constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{60'000};
constexpr std::chrono::milliseconds kLongestQuery{900'000};
constexpr int kCreateTries =
    8;  // then the attempt has failed; money that comes all the same is late money
constexpr int kWebhookTries = 12;  // over about five minutes

struct claimed {
    std::vector<due_payment> payments;
    std::vector<due_refund> refunds;
    std::vector<stored_webhook> messages;
};

// However a piece of work ends, it is one less.
struct at_end {
    std::size_t& left;
    bell& done;

    ~at_end()
    {
        if (--left == 0) done.ring();
    }
};

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

caretaker::caretaker(const context& in, webhook_service& webhooks, executor on)
    : in_(in),
      webhooks_(webhooks),
      on_(on),
      bell_(on),
      work_(on, [](std::string_view name, std::exception_ptr error) {
          try {
              std::rethrow_exception(error);
          } catch (const std::exception& e) {
              log::error("caretaker_failed", {{"part", name}, {"why", e.what()}});
          }
      })
{}

void caretaker::start()
{
    work_.start("payments", [this]() -> task<> { co_await run(); });
}

void caretaker::stop()
{
    work_.stop();
    wake();
}

void caretaker::wake()
{
    asio::post(on_, [this] { bell_.ring(); });
}

caretaker::figures caretaker::counts() const noexcept
{
    return {n_payments_, n_refunds_, n_webhooks_, n_unreachable_};
}

task<> caretaker::run()
{
    while (!work_.stopping()) {
        int done = 0;
        try {
            done = co_await turn();
        } catch (const std::exception& error) {
            log::error("caretaker_failed", {{"part", "turn"}, {"why", error.what()}});
        }
        if (work_.stopping()) co_return;
        if (done > 0) continue;
        const auto until = in_.now.steady() + kLook;
        (void)co_await bell_.wait(until);
    }
}

// A statement per kind, each committed by itself: what is claimed and then lost with its node is due again after the lease.
task<result<int>> caretaker::claim()
{
    const auto lease = in_.how.gateway_timeout * 3;
    std::function<claimed(tx&)> take = [lease](tx& on) {
        claimed out;
        out.payments = claim_due_payments(on, kAtOnce, lease);
        out.refunds = claim_due_refunds(on, kAtOnce, lease);
        out.messages = claim_due_webhooks(on, kAtOnce, lease);
        return out;
    };
    auto got = co_await in_.where.reads.query<claimed>(std::move(take));
    if (!got) co_return got.error();
    payments_ = std::move(got->payments);
    refunds_ = std::move(got->refunds);
    messages_ = std::move(got->messages);
    co_return static_cast<int>(payments_.size() + refunds_.size() + messages_.size());
}

task<int> caretaker::turn()
{
    const auto some = co_await claim();
    if (!some) co_return 0;
    std::size_t left = static_cast<std::size_t>(*some);
    bell done(on_);
    // Side by side: a silent gateway must not hold up the others.
    for (const auto& one : payments_)
        work_.start("payment", [this, one, left = &left, done = &done]() -> task<> {
            const at_end counted{*left, *done};
            co_await look_after(one);
        });
    for (const auto& one : refunds_)
        work_.start("refund", [this, one, left = &left, done = &done]() -> task<> {
            const at_end counted{*left, *done};
            co_await pay_back(one);
        });
    for (const auto& one : messages_)
        work_.start("webhook", [this, one, left = &left, done = &done]() -> task<> {
            const at_end counted{*left, *done};
            co_await act_on(one);
        });
    while (left > 0) (void)co_await done.wait();
    co_return *some;
}

// Full jitter, so that nodes and payments do not come back all at once.
std::chrono::milliseconds caretaker::pause_after(int steps) const
{
    const auto doubled = kFirstPause * (std::int64_t{1} << std::clamp(steps, 0, 12));
    const auto most = std::min(doubled, kLongestPause);
    return most / 2 + std::chrono::milliseconds(
                          in_.bits.below(static_cast<std::uint64_t>(most.count() / 2 + 1)));
}

task<result<report>> caretaker::ask(provider& with, const due_payment& what, bool over) const
{
    const payment of = what.what;
    if (of.state == status::cancelled) co_return co_await with.cancel(of);
    if (of.authorized && !over) co_return co_await with.capture(of);
    if (of.state == status::pending && with.can_query() && of.provider_ref.empty() && !over) {
        std::string address = what.payer_address;
        co_return co_await with.create(of, std::move(address));
    }
    auto said = co_await with.query(of);
    if (!said || !over || said->what == outcome::paid || said->what == outcome::declined)
        co_return said;
    auto ended = co_await with.cancel(of);
    if (ended && ended->what == outcome::declined) ended->code = "expired";
    co_return ended;
}

task<> caretaker::look_after(due_payment what)
{
    n_payments_.fetch_add(1);
    const auto& of = what.what;
    auto* const with = in_.ways.find(of.how);
    if (!with || !(is_open(of.state) || of.state == status::cancelled)) {
        co_await postpone(of.id, {});
        co_return;
    }
    const bool over = of.expires_at && *of.expires_at <= in_.now.wall();
    auto said = co_await ask(*with, what, over);
    if (!said) {
        n_unreachable_.fetch_add(1);
        tell("gateway_unreachable", of.id, said.error());
        const bool creating = of.state == status::pending && !of.authorized;
        if (!creating || what.steps < kCreateTries) {
            co_await postpone(of.id, pause_after(what.steps));
            co_return;
        }
        report gone;
        gone.what = outcome::declined;
        gone.code = "gateway_unavailable";
        said = gone;
    }
    if (over && said->what == outcome::unknown) {  // nobody to ask, or nobody who knows of it
        said->what = outcome::declined;
        said->code = "expired";
    }
    next_step again;
    if (is_open(of.state))
        again = std::min<std::chrono::milliseconds>(
            in_.how.query_after * (std::int64_t{1} << std::clamp(what.steps - 1, 0, 6)),
            kLongestQuery);
    if (again && of.expires_at) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(*of.expires_at - in_.now.wall());
        if (left.count() > 0) again = std::min(*again, left);
    }
    co_await settle(of.id, *std::move(said), again);
}

task<> caretaker::settle(std::string id, report what, next_step otherwise)
{
    const auto changed = std::make_shared<bool>(false);
    business change = [this, id, what, changed](tx& on) -> result<answer> {
        *changed = in_.settle.apply(on, id, what, {}) != verdict::unchanged;
        return answer{};
    };
    auto key = caretakers();
    const auto done = co_await in_.where.writes.run(std::move(key), std::move(change));
    if (!done) {
        tell("payment_not_settled", id, done.error());
        co_return;  // due again after the lease
    }
    if (*changed)
        wake();
    else
        co_await postpone(std::move(id), otherwise);
}

task<> caretaker::postpone(std::string id, next_step in)
{
    std::function<bool(tx&)> later = [id, in](tx& on) {
        postpone_payment(on, id, in);
        return true;
    };
    (void)co_await in_.where.reads.query<bool>(std::move(later));
}

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
