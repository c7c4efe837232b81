// Looks after what is under way with gateways, on every node: begins payments there, asks what became of those that are stuck, captures,
// cancels, pays back, and acts on messages that came early. Each piece of work is taken under a lease (SKIP LOCKED), so nodes share it and take
// over from each other; gateways are asked outside of any transaction, and asked again under the same key.
//
// run() and wake() on the io_context of the owner's task group; counts() from any thread.
#pragma once

#include "base/bell.hpp"
#include "base/task_group.hpp"
#include "node/payments/context.hpp"
#include "node/payments/order_listener.hpp"
#include "node/payments/payment_store.hpp"
#include "node/payments/refund_store.hpp"
#include "node/payments/webhook_service.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kieng::payments {

class caretaker {
public:
    caretaker(const context& in, webhook_service& webhooks, order_listener& orders, executor on);

    void start();
    // Ends the loop; what asks a gateway now ends by its deadline.
    void stop();
    [[nodiscard]] bool empty() const noexcept { return work_.empty(); }
    // There may be something to do. Any thread.
    void wake();

    // Does what is due now, and says how much it was. For run() and for tests.
    task<int> turn();

    struct figures {
        std::uint64_t payments = 0, refunds = 0, webhooks = 0, unreachable = 0;
    };
    [[nodiscard]] figures counts() const noexcept;

private:
    task<> run();
    task<result<int>> claim();
    void begin(std::string name, std::function<task<>()> work, std::function<void()> ended);
    task<> look_after(due_payment what);
    task<> pay_back(due_refund what);
    task<> act_on(stored_webhook what);
    task<result<report>> ask(provider& with, const due_payment& what, bool over) const;
    task<> settle(std::string id, report what, next_step otherwise);
    task<> postpone(std::string id, next_step in);
    [[nodiscard]] std::chrono::milliseconds pause_after(int steps) const;

    const context& in_;
    webhook_service& webhooks_;
    order_listener& orders_;
    executor on_;
    bell bell_;
    task_group work_;
    std::vector<due_payment> payments_;  // claimed, io_context of the group only
    std::vector<due_refund> refunds_;
    std::vector<stored_webhook> messages_;
    std::atomic<std::uint64_t> n_payments_{0}, n_refunds_{0}, n_webhooks_{0}, n_unreachable_{0};
};

}  // namespace kieng::payments
