// Payments on a database of their own, with orders on paper and a gateway in the test's hand. For the tests of this folder.
#pragma once

#include "node/payments/caretaker.hpp"
#include "node/payments/cash_service.hpp"
#include "node/payments/mock_provider.hpp"
#include "node/payments/payment_service.hpp"
#include "node/payments/webhook_service.hpp"
#include "node/platform/store/testing.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace kieng::payments::testing {

using nlohmann::json;

// Orders in a table of the test, with the little that payments ask of them.
class paper_orders final : public order_desk {
public:
    explicit paper_orders(const store::testing::test_database& in) : in_(in)
    {
        in_.sql(
            "CREATE TABLE paper_orders (id uuid PRIMARY KEY, number text NOT NULL, account uuid, total bigint NOT NULL, "
            "paid bigint NOT NULL DEFAULT 0, refunded bigint NOT NULL DEFAULT 0, refund_due bigint NOT NULL DEFAULT 0, open boolean NOT NULL DEFAULT true, "
            "given_up text)");
    }
    std::string add(std::int64_t total, const std::string& account = "");
    [[nodiscard]] std::string show(const std::string& id) const;  // "paid/refunded open"

    std::optional<payable> lock(store::tx& on, const std::string& id) override;
    bool paid(store::tx& on, const std::string& id, std::int64_t amount,
              const std::string& actor) override;
    void given_up(store::tx& on, const std::string& id, const std::string& reason) override;
    task<result<void>> check_sight(std::string id, viewer by) override;
    void refunded(store::tx& on, const std::string& id, std::int64_t amount,
                  const std::string& actor) override;

private:
    const store::testing::test_database& in_;
    int made_ = 0;
};

// Answers what the test laid ready, in order; nothing laid ready: it cannot be reached.
class scripted_gateway final : public mock_provider {
public:
    scripted_gateway(std::string secret, gateway_tools with)
        : mock_provider("http://127.0.0.1:1", std::move(secret), with)
    {}
    std::deque<report> answers;         // of create, query, capture and cancel
    std::deque<refund_report> refunds;  // of refund
    std::vector<std::string> calls;     // "create <id>", ...

    task<result<report>> create(payment of, std::string) override { return next("create", of.id); }
    task<result<report>> query(payment of) override { return next("query", of.id); }
    task<result<report>> capture(payment of) override { return next("capture", of.id); }
    task<result<report>> cancel(payment of) override { return next("cancel", of.id); }
    task<result<refund_report>> refund(payment of, payments::refund what) override;

private:
    task<result<report>> next(std::string what, std::string id);
};

class shop {
public:
    shop();
    ~shop();
    shop(const shop&) = delete;
    shop& operator=(const shop&) = delete;

    json pay(const std::string& order, new_payment what, int status = 201);
    result<store::written> try_pay(const std::string& order, new_payment what);
    result<store::written> refund(const std::string& payment, std::optional<std::int64_t> amount);
    json show(const std::string& payment);
    result<taken> tell(method how, const json& event, const std::string& secret);
    int turn();           // of the caretaker
    void make_all_due();  // whatever waits, waits no longer
    [[nodiscard]] std::vector<std::string> heard(const std::string& type);
    [[nodiscard]] std::string sql(const std::string& text) const { return database_.sql(text); }

    static constexpr const char* kSecret = "the secret of the bank and of the gateway";
    static report paid(const std::string& provider_ref = "gw-1");
    static report begun();

    template <class F>
    auto wait(F coroutine)
    {
        return io.wait(std::move(coroutine));
    }
    static store::write_key key(const std::string& name = "");
    static payer cashier();
    static payer buyer(const std::string& account);

private:
    static payment_options options();

    store::testing::test_database database_;

public:
    store::testing::io_runner io;
    store::database db{database_.options()};
    std::mutex mutex;
    std::vector<store::event> events;  // guarded by mutex
    store::unit_of_work work{db, [this](const store::position& what) {
                                 const std::lock_guard lock(mutex);
                                 events.insert(events.end(), what.events.begin(),
                                               what.events.end());
                             }};
    paper_orders orders{database_};
    identity::audit_service log{db, system_clock(), system_random()};
    const payment_options how = options();
    http::http_client client{system_clock()};
    providers ways;
    settlement settle{orders, system_clock(), system_random(), how.query_after};
    const context in{{db, work},     orders,          ways,  settle, how,
                     system_clock(), system_random(), "test"};
    webhook_service webhooks{in, [] {}};
    payment_service service{in, log, [] {}};
    cash_service drawers{in, log};
    order_listener listener{in, service};
    caretaker care{in, webhooks, listener, io.where()};
    scripted_gateway* gateway = nullptr;
};

}  // namespace kieng::payments::testing
