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

struct claimed {
    std::vector<due_payment> payments;
    std::vector<due_refund> refunds;
    std::vector<stored_webhook> messages;
};

// What is under way in one turn.
struct at_work {
    std::size_t left;
    bell done;

    void one_less()
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

caretaker::caretaker(const context& in, webhook_service& webhooks, order_listener& orders,
                     executor on)
    : in_(in),
      webhooks_(webhooks),
      orders_(orders),
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
            while (co_await orders_.listen()) {
                if (work_.stopping()) co_return;
            }
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

// However a piece of work ends, it counts as ended.
void caretaker::begin(std::string name, std::function<task<>()> work, std::function<void()> ended)
{
    work_.start(std::move(name), [run = std::move(work), done = std::move(ended)]() -> task<> {
        std::exception_ptr error;
        try {
            co_await run();
        } catch (...) {
            error = std::current_exception();
        }
        done();
        if (error) std::rethrow_exception(error);
    });
}

task<int> caretaker::turn()
{
    const auto some = co_await claim();
    if (!some) co_return 0;
    if (*some == 0) co_return 0;
    const auto all = std::make_shared<at_work>(at_work{static_cast<std::size_t>(*some), bell(on_)});
    // Side by side: a silent gateway must not hold up the others.
    for (const auto& one : payments_)
        begin(
            "payment", [this, one] { return look_after(one); }, [all] { all->one_less(); });
    for (const auto& one : refunds_)
        begin(
            "refund", [this, one] { return pay_back(one); }, [all] { all->one_less(); });
    for (const auto& one : messages_)
        begin(
            "webhook", [this, one] { return act_on(one); }, [all] { all->one_less(); });
    while (all->left > 0) (void)co_await all->done.wait();
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

}  // namespace kieng::payments
