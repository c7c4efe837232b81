#include "node/payments/testing.hpp"
#include "node/payments/vnpay.hpp"

#include <doctest/doctest.h>

namespace kieng::payments {
namespace {

using testing::json;
using testing::shop;

json mock_event(const std::string& id, const json& payment, const std::string& status)
{
    return {{"id", id},
            {"payment",
             {{"id", "gw-1"},
              {"reference", payment["reference"]},
              {"status", status},
              {"amount", payment["amount"]},
              {"currency", "VND"}}}};
}

TEST_CASE("a gateway that cannot be reached is asked again, and given up after eight times")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const std::string id = s.pay(order, {method::mock, {}, {}})["id"];
    for (int i = 0; i < 8; ++i) {
        CHECK(s.show(id)["status"] == "pending");
        s.make_all_due();
        CHECK(s.turn() == 1);
    }
    CHECK(s.show(id)["status"] == "failed");
    CHECK(s.show(id)["code"] == "gateway_unavailable");
    CHECK(s.gateway->calls == std::vector<std::string>(8, "create " + id));
    CHECK(s.care.counts().unreachable == 8);
}

TEST_CASE("a payment that is stuck is asked about until something is known")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const std::string id = s.pay(order, {method::mock, {}, {}})["id"];
    s.gateway->answers = {shop::begun(), shop::begun(), shop::paid()};
    CHECK(s.turn() == 1);
    CHECK(s.turn() == 0);  // not due yet
    s.make_all_due();
    CHECK(s.turn() == 1);
    CHECK(s.show(id)["status"] == "processing");
    s.make_all_due();
    CHECK(s.turn() == 1);
    CHECK(s.show(id)["status"] == "completed");
    s.make_all_due();
    CHECK(s.turn() == 0);
    CHECK(s.gateway->calls ==
          std::vector<std::string>{"create " + id, "query " + id, "query " + id});
    CHECK(s.orders.show(order) == "10000/0 open");
}

TEST_CASE("held money is captured")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const auto made = s.pay(order, {method::mock, {}, {}});
    s.gateway->answers = {shop::begun()};
    CHECK(s.turn() == 1);
    CHECK(s.tell(method::mock, mock_event("e1", made, "authorized"), shop::kSecret).value() ==
          taken::applied);
    s.gateway->answers = {shop::paid()};
    CHECK(s.turn() == 1);
    CHECK(s.gateway->calls.back() == "capture " + made["id"].get<std::string>());
    CHECK(s.orders.show(order) == "10000/0 open");
}

TEST_CASE(
    "a cancelled attempt is cancelled at its gateway, and money that comes all the same is not lost")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const auto made = s.pay(order, {method::mock, {}, {}});
    const std::string id = made["id"];
    s.gateway->answers = {shop::begun()};
    CHECK(s.turn() == 1);
    REQUIRE(s.wait([&]() -> task<result<store::written>> {
                 return s.service.cancel(shop::key(), id, shop::cashier());
             }).has_value());
    report gone;
    gone.what = outcome::declined;
    gone.code = "cancelled";
    s.gateway->answers = {gone};
    CHECK(s.turn() == 1);
    CHECK(s.gateway->calls.back() == "cancel " + id);
    s.make_all_due();
    CHECK(s.turn() == 0);
    (void)s.sql("UPDATE paper_orders SET open = false");
    CHECK(s.tell(method::mock, mock_event("e1", made, "paid"), shop::kSecret).value() ==
          taken::applied);
    CHECK(s.show(id)["status"] == "review");
    CHECK(s.show(id)["refunded"] == 10'000);
}

TEST_CASE("an early message waits for its payment")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const json early{{"reference", "DH261120000001T1"}, {"amount", 10'000}};
    CHECK(s.tell(method::mock, mock_event("e1", early, "paid"), shop::kSecret).value() ==
          taken::waits);
    CHECK(s.tell(method::mock, mock_event("e1", early, "paid"), shop::kSecret).value() ==
          taken::waits);
    s.make_all_due();
    CHECK(s.turn() == 1);
    CHECK(s.orders.show(order) == "0/0 open");
    const auto made = s.pay(order, {method::mock, {}, {}});
    CHECK(made["reference"] == "DH261120000001T1");
    s.gateway->answers = {shop::begun()};
    s.make_all_due();
    CHECK(s.turn() == 2);
    CHECK(s.orders.show(order) == "10000/0 open");
    CHECK(s.sql("SELECT outcome FROM webhook_events") == "applied");
}

TEST_CASE("a message that no payment ever fits is given up, and kept")
{
    shop s;
    const json stray{{"reference", "DH261120000009T1"}, {"amount", 10'000}};
    CHECK(s.tell(method::mock, mock_event("e1", stray, "paid"), shop::kSecret).value() ==
          taken::waits);
    int turns = 0;
    while (s.sql("SELECT coalesce(outcome, '') FROM webhook_events").empty() && turns < 20) {
        s.make_all_due();
        CHECK(s.turn() == 1);
        ++turns;
    }
    CHECK(turns == 12);
    CHECK(s.sql("SELECT outcome FROM webhook_events") == "unmatched");
}

TEST_CASE("a refund is sent until the gateway has answered, under one key")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const std::string id = s.pay(order, {method::mock, {}, {}})["id"];
    s.gateway->answers = {shop::paid()};
    CHECK(s.turn() == 1);
    REQUIRE(s.refund(id, 4'000).has_value());
    CHECK(s.turn() == 1);
    s.make_all_due();
    s.gateway->refunds = {{refund_status::completed, "re-1", ""}};
    CHECK(s.turn() == 1);
    CHECK(s.orders.show(order) == "10000/4000 open");
    CHECK(s.gateway->calls.at(1) == s.gateway->calls.at(2));
    REQUIRE(s.refund(id, 6'000).has_value());
    s.gateway->refunds = {{refund_status::failed, "", "refused"}};
    CHECK(s.turn() == 1);
    CHECK(s.show(id)["refunded"] == 4'000);
    CHECK(s.orders.show(order) == "10000/4000 open");
}

TEST_CASE("two nodes share what is due and do nothing twice")
{
    shop s;
    caretaker other(s.in, s.webhooks, s.listener, s.io.where());
    for (int i = 0; i < 12; ++i) {
        (void)s.pay(s.orders.add(1'000), {method::mock, {}, {}});
        s.gateway->answers.push_back(shop::paid());
    }
    auto first = s.io.start([&]() -> task<result<int>> {
        const int done = co_await s.care.turn();
        co_return done;
    });
    auto second = s.io.start([&]() -> task<result<int>> {
        const int done = co_await other.turn();
        co_return done;
    });
    CHECK(first.get().value() + second.get().value() + s.turn() == 12);
    CHECK(s.gateway->calls.size() == 12);
    CHECK(s.sql("SELECT count(*) FROM payments WHERE status = 3") == "12");
}

// An event of the outbox, as orders announce it.
void announce_order(shop& s, const std::string& type, const std::string& order)
{
    (void)s.sql(
        "WITH head AS (UPDATE cluster_head SET pos = pos + 1 RETURNING pos) INSERT INTO outbox (pos, seq, type, entity, entity_id, "
        "version, tags, node, trace, data) SELECT pos, 1, '" +
        type + "', 'order', '" + order + "', 1, '{}', 'test', '', '{}' FROM head");
}

bool listen(shop& s)
{
    return s
        .wait([&]() -> task<result<bool>> {
            const bool more = co_await s.listener.listen();
            co_return more;
        })
        .value();
}

TEST_CASE("an order that ends takes its open attempt with it, and what it owes goes back once")
{
    shop s;
    CHECK_FALSE(listen(s));
    const auto ended = s.orders.add(10'000);
    const std::string open = s.pay(ended, {method::bank_transfer, {}, {}})["id"];
    const auto owing = s.orders.add(50'000);
    const std::string paid = s.pay(owing, {method::card, {}, {}})["id"];
    (void)s.sql("UPDATE paper_orders SET open = false WHERE id = '" + ended + "'");
    (void)s.sql("UPDATE paper_orders SET refund_due = 20000 WHERE id = '" + owing + "'");
    announce_order(s, "OrderCancelledEvent", ended);
    announce_order(s, "OrderUpdatedEvent", ended);
    announce_order(s, "OrderRefundRequestedEvent", owing);
    announce_order(s, "OrderRefundRequestedEvent", owing);
    int times = 0;
    while (listen(s) && times < 10) ++times;
    CHECK(times == 3);
    CHECK(s.show(open)["status"] == "cancelled");
    CHECK(s.show(open)["code"] == "order_ended");
    CHECK(s.show(paid)["refunded"] == 20'000);
    CHECK(s.sql("SELECT count(*) || ' ' || max(reason) FROM refunds") == "1 order_refund");
    while (listen(s)) ++times;
    CHECK(
        s.sql("SELECT h.pos - c.pos FROM consumers c, cluster_head h WHERE c.name = 'payments'") ==
        "0");
}

TEST_CASE("a transfer that never came ends with its time")
{
    shop s;
    const auto order = s.orders.add(10'000);
    const std::string id = s.pay(order, {method::bank_transfer, {}, {}})["id"];
    (void)s.sql("UPDATE payments SET expires_at = now() - interval '1 s', next_step_at = now()");
    CHECK(s.turn() == 1);
    CHECK(s.show(id)["status"] == "failed");
    CHECK(s.show(id)["code"] == "expired");
    CHECK(s.show(id)["due"] == false);
}

TEST_CASE("VNPay is answered in its own words")
{
    shop s;
    const auto order = s.orders.add(25'000'000);
    const auto made = s.pay(order, {method::vnpay, {}, {}});
    CHECK(made["status"] == "processing");
    CHECK(made["nextAction"]["url"].get<std::string>().find("vnp_Amount=2500000000") !=
          std::string::npos);
    const auto ask = [&](const std::string& reference, const std::string& amount,
                         const std::string& code, const std::string& number) {
        vnpay::parameters said{{"vnp_TmnCode", "KIENG001"},     {"vnp_TxnRef", reference},
                               {"vnp_Amount", amount},          {"vnp_ResponseCode", code},
                               {"vnp_TransactionStatus", code}, {"vnp_TransactionNo", number}};
        webhook what;
        what.query.assign(said.begin(), said.end());
        what.query.emplace_back("vnp_SecureHash", vnpay::hmac_sha512_hex("a secret of the shop",
                                                                         vnpay::canonical(said)));
        return s
            .wait([&]() -> task<result<vnpay::reply>> {
                const auto answer = co_await s.webhooks.take_ipn(what);
                co_return answer;
            })
            .value();
    };
    const std::string reference = made["reference"];
    using enum vnpay::reply;
    CHECK(ask("DH261120999999T1", "2500000000", "00", "7") == order_not_found);
    webhook forged;
    forged.query = {{"vnp_TxnRef", reference}, {"vnp_SecureHash", std::string(128, 'a')}};
    CHECK(s.wait([&]() -> task<result<vnpay::reply>> {
               const auto answer = co_await s.webhooks.take_ipn(forged);
               co_return answer;
           }).value() == invalid_signature);
    CHECK(ask(reference, "2500000000", "00", "8") == confirmed);
    CHECK(ask(reference, "2500000000", "00", "8") == already_confirmed);
    CHECK(s.orders.show(order) == "25000000/0 open");
    const auto other = s.orders.add(1'000);
    const std::string second = s.pay(other, {method::vnpay, {}, {}})["reference"];
    CHECK(ask(second, "99900", "00", "9") == invalid_amount);
    const auto third = s.pay(s.orders.add(1'000), {method::vnpay, {}, {}});
    CHECK(ask(third["reference"], "100000", "24", "0") == confirmed);
    CHECK(s.show(third["id"])["status"] == "failed");
    CHECK(s.show(third["id"])["code"] == "vnpay_24");
}

}  // namespace
}  // namespace kieng::payments
