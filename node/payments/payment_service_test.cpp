#include "node/payments/testing.hpp"

#include <doctest/doctest.h>

#include <future>

namespace kieng::payments {
namespace {

using testing::json;
using testing::shop;

constexpr const char* kBuyer = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60001";

errc code_of(const result<store::written>& of)
{
    return of ? errc{} : of.error().code;
}

TEST_CASE("cash at the counter pays an order at once and gives change")
{
    shop s;
    const auto order = s.orders.add(185'000);
    const auto short_of = s.try_pay(order, {method::cash, 184'999, {}});
    CHECK(code_of(short_of) == errc::validation_failed);
    const auto done = s.pay(order, {method::cash, 200'000, {}});
    CHECK(done["status"] == "completed");
    CHECK(done["captured"] == 185'000);
    CHECK(done["change"] == 15'000);
    CHECK(s.orders.show(order) == "185000/0 open");
    CHECK(s.heard("PaymentCompletedEvent") == std::vector<std::string>{"SUCCESS"});
    CHECK(code_of(s.try_pay(order, {method::cash, {}, {}})) == errc::already_paid);
}

TEST_CASE("an order waits for one payment at a time, and for four in all")
{
    shop s;
    const auto order = s.orders.add(50'000);
    for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
        const auto made = s.pay(order, {method::bank_transfer, {}, {}});
        CHECK(made["attempt"] == attempt);
        const auto second = s.try_pay(order, {method::cod, {}, {}});
        REQUIRE(second.has_error());
        CHECK(second.error().code == errc::payment_pending);
        CHECK(second.error().members.find(made["id"].get<std::string>()) != std::string::npos);
        const auto ended = s.wait([&]() -> task<result<store::written>> {
            return s.service.cancel(shop::key(), made["id"], shop::cashier());
        });
        REQUIRE(ended.has_value());
        CHECK(json::parse(ended->what.body)["status"] == "cancelled");
    }
    CHECK(code_of(s.try_pay(order, {method::cash, {}, {}})) == errc::too_many_payment_attempts);
}

TEST_CASE("what is not offered, not allowed or not there is refused, each in its own way")
{
    shop s;
    const auto order = s.orders.add(50'000, kBuyer);
    const auto try_as = [&](const payer& who, method how, const std::string& id) {
        return code_of(s.wait([&]() -> task<result<store::written>> {
            return s.service.start(shop::key(), id, {how, {}, {}}, who);
        }));
    };
    CHECK(try_as(shop::buyer(kBuyer), method::cash, order) == errc::forbidden);
    CHECK(try_as(shop::buyer("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60002"), method::cod, order) ==
          errc::not_found);
    CHECK(try_as(shop::cashier(), method::cod, "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60009") ==
          errc::not_found);
    (void)s.sql("UPDATE paper_orders SET open = false");
    CHECK(try_as(shop::buyer(kBuyer), method::cod, order) == errc::invalid_transition);
}

TEST_CASE("a transfer is shown as a code, told by the bank, and counted once")
{
    shop s;
    const auto order = s.orders.add(180'000);
    const auto made = s.pay(order, {method::bank_transfer, {}, {}});
    CHECK(made["status"] == "pending");
    CHECK(made["nextAction"]["type"] == "qr");
    CHECK(made["nextAction"]["text"].get<std::string>().find(made["reference"]) !=
          std::string::npos);
    CHECK(made["nextAction"]["svg"].get<std::string>().starts_with("<svg"));
    const json event{
        {"id", "bank-1"},
        {"transaction", "FT1"},
        {"amount", 180'000},
        {"currency", "VND"},
        {"description", "CT tu 0123 " + made["reference"].get<std::string>() + " thanh toan"}};
    CHECK(s.tell(method::bank_transfer, event, "forged").error().code == errc::signature_invalid);
    CHECK(s.orders.show(order) == "0/0 open");
    CHECK(s.tell(method::bank_transfer, event, shop::kSecret).value() == taken::applied);
    for (int i = 0; i < 3; ++i)
        CHECK(s.tell(method::bank_transfer, event, shop::kSecret).value() == taken::unchanged);
    CHECK(s.orders.show(order) == "180000/0 open");
    CHECK(s.show(made["id"])["status"] == "completed");
    CHECK(s.heard("PaymentCompletedEvent").size() == 1);
}

TEST_CASE("twenty copies of one message at once count once")
{
    shop s;
    const auto order = s.orders.add(180'000);
    const auto made = s.pay(order, {method::bank_transfer, {}, {}});
    const json event{{"id", "bank-1"},
                     {"amount", 180'000},
                     {"currency", "VND"},
                     {"description", made["reference"]}};
    std::vector<std::future<result<taken>>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(std::async(std::launch::async, [&] {
            return s.tell(method::bank_transfer, event, shop::kSecret);
        }));
    for (auto& one : all) {
        const auto done = one.get();
        const bool fine = done.has_value() || done.error().code == errc::overloaded;
        CHECK(fine);
    }
    CHECK(s.orders.show(order) == "180000/0 open");
    CHECK(s.sql("SELECT count(*) FROM webhook_events") == "1");
}

TEST_CASE("a wrong amount is kept for a person to decide")
{
    shop s;
    const auto order = s.orders.add(180'000);
    const auto made = s.pay(order, {method::bank_transfer, {}, {}});
    const json event{{"id", "bank-1"},
                     {"amount", 100'000},
                     {"currency", "VND"},
                     {"description", made["reference"]}};
    CHECK(s.tell(method::bank_transfer, event, shop::kSecret).value() == taken::wrong_amount);
    CHECK(s.show(made["id"])["status"] == "review");
    CHECK(s.show(made["id"])["captured"] == 100'000);
    CHECK(s.orders.show(order) == "0/0 open");
    const auto accepted = s.wait([&]() -> task<result<store::written>> {
        return s.service.settle(shop::key(), made["id"], "", shop::cashier().who);
    });
    REQUIRE(accepted.has_value());
    CHECK(s.orders.show(order) == "100000/0 open");
    CHECK(s.show(made["id"])["status"] == "completed");
}

TEST_CASE("the same bill paid twice by two transfers gives the second one back")
{
    shop s;
    const auto order = s.orders.add(180'000);
    const auto made = s.pay(order, {method::bank_transfer, {}, {}});
    for (int i = 1; i <= 2; ++i) {
        const json event{{"id", "bank-" + std::to_string(i)},
                         {"transaction", "FT" + std::to_string(i)},
                         {"amount", 180'000},
                         {"currency", "VND"},
                         {"description", made["reference"]}};
        CHECK(s.tell(method::bank_transfer, event, shop::kSecret).value() == taken::applied);
        CHECK(s.tell(method::bank_transfer, event, shop::kSecret).value() == taken::unchanged);
    }
    CHECK(s.orders.show(order) == "180000/0 open");
    CHECK(
        s.sql(
            "SELECT status || ' ' || captured || ' ' || refunded || ' ' || failure_code FROM payments WHERE attempt_no = 2") ==
        "6 180000 180000 paid_twice");
    CHECK(s.sql("SELECT count(*) FROM refunds WHERE automatic") == "1");
}

TEST_CASE("money for an order that has ended goes back by itself")
{
    shop s;
    const auto order = s.orders.add(90'000);
    s.gateway->answers.push_back(shop::begun());
    const auto made = s.pay(order, {method::mock, {}, {}});
    CHECK(made["nextAction"].is_null());
    CHECK(s.turn() == 1);
    CHECK(s.show(made["id"])["status"] == "processing");
    (void)s.sql("UPDATE paper_orders SET open = false");
    s.gateway->answers.push_back(shop::paid());
    s.make_all_due();
    CHECK(s.turn() == 1);
    CHECK(s.orders.show(order) == "0/0 closed");
    CHECK(s.show(made["id"])["refunded"] == 90'000);
    s.gateway->refunds.push_back({refund_status::completed, "re-1", ""});
    CHECK(s.turn() == 1);
    CHECK(s.sql("SELECT status || ' ' || reason || ' ' || provider_ref FROM refunds") ==
          "3 too_late re-1");
    CHECK(s.heard("RefundUpdatedEvent") == std::vector<std::string>{"pending", "completed"});
    CHECK(s.orders.show(order) == "0/0 closed");
}

TEST_CASE("an attempt that failed and is paid after all counts, where the order still waits")
{
    shop s;
    const auto order = s.orders.add(90'000);
    const auto first = s.pay(order, {method::mock, {}, {}});
    report declined;
    declined.what = outcome::declined;
    declined.code = "insufficient_funds";
    s.gateway->answers.push_back(declined);
    CHECK(s.turn() == 1);
    CHECK(s.show(first["id"])["status"] == "failed");
    const auto second = s.pay(order, {method::bank_transfer, {}, {}});
    const json event{{"id", "evt-1"},
                     {"payment",
                      {{"id", "gw-1"},
                       {"reference", first["reference"]},
                       {"status", "paid"},
                       {"amount", 90'000},
                       {"currency", "VND"}}}};
    CHECK(s.tell(method::mock, event, shop::kSecret).value() == taken::applied);
    CHECK(s.show(first["id"])["status"] == "completed");
    CHECK(s.show(second["id"])["status"] == "cancelled");
    CHECK(s.orders.show(order) == "90000/0 open");
}

TEST_CASE("the fourth attempt that fails gives the order up")
{
    shop s;
    const auto order = s.orders.add(90'000);
    report declined;
    declined.what = outcome::declined;
    declined.code = "insufficient_funds";
    for (int i = 0; i < kMaxAttempts; ++i) {
        CHECK(s.orders.show(order) == "0/0 open");
        s.pay(order, {method::mock, {}, {}});
        s.gateway->answers.push_back(declined);
        CHECK(s.turn() == 1);
    }
    CHECK(s.orders.show(order) == "0/0 closed payment_failed");
    CHECK(s.heard("PaymentCompletedEvent") == std::vector<std::string>(4, "FAILED"));
}

TEST_CASE("refunds together never exceed what came in, however many ask at once")
{
    shop s;
    const auto order = s.orders.add(100'000);
    const auto made = s.pay(order, {method::card, {}, {}});
    const std::string id = made["id"];
    CHECK(code_of(s.refund(id, 100'001)) == errc::refund_too_large);
    std::vector<std::future<bool>> all;
    for (int i = 0; i < 12; ++i)
        all.push_back(
            std::async(std::launch::async, [&] { return s.refund(id, 30'000).has_value(); }));
    int good = 0;
    for (auto& one : all) good += one.get() ? 1 : 0;
    CHECK(good == 3);
    CHECK(s.show(id)["refunded"] == 90'000);
    const auto rest = s.refund(id, std::nullopt);
    REQUIRE(rest.has_value());
    CHECK(json::parse(rest->what.body)["amount"] == 10'000);
    const auto more = s.refund(id, std::nullopt);
    CHECK(code_of(more) == errc::refund_too_large);
    CHECK(more.error().members.find("\"refundable\":0") != std::string::npos);
}

TEST_CASE("what staff pay back by hand counts when they say so, and is free again when they cannot")
{
    shop s;
    const auto order = s.orders.add(100'000);
    const std::string id = s.pay(order, {method::card, {}, {}})["id"];
    const auto begun = [&](std::int64_t amount) {
        return json::parse(s.refund(id, amount)->what.body)["id"].get<std::string>();
    };
    const auto say = [&](const std::string& refund, bool good) {
        return s.wait([&]() -> task<result<store::written>> {
            return s.service.settle_refund(shop::key(), refund, good, shop::cashier().who);
        });
    };
    const auto first = begun(60'000);
    CHECK(s.orders.show(order) == "100000/0 open");
    REQUIRE(say(first, true).has_value());
    CHECK(s.orders.show(order) == "100000/60000 open");
    CHECK(code_of(say(first, false)) == errc::invalid_transition);
    const auto second = begun(40'000);
    REQUIRE(say(second, false).has_value());
    CHECK(s.show(id)["refunded"] == 60'000);
    CHECK(s.orders.show(order) == "100000/60000 open");
}

TEST_CASE("the same key begins one payment and one refund")
{
    shop s;
    const auto order = s.orders.add(100'000);
    const auto pay = [&] {
        return s.wait([&]() -> task<result<store::written>> {
            return s.service.start(shop::key("a key of sixteen"), order, {method::card, {}, {}},
                                   shop::cashier());
        });
    };
    const auto first = pay();
    const auto again = pay();
    REQUIRE(first.has_value());
    REQUIRE(again.has_value());
    CHECK(again->replayed);
    CHECK(again->what.body == first->what.body);
    CHECK(s.sql("SELECT count(*) FROM payments") == "1");
}

}  // namespace
}  // namespace kieng::payments
