#include "base/ids.hpp"
#include "node/payments/testing.hpp"

#include <doctest/doctest.h>

namespace kieng::payments {
namespace {

using testing::json;
using testing::shop;

struct counter {
    shop s;
    till_person cashier{shop::cashier().who, false};
    till_person manager{{"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60003", {}, {}, {}, {}, {}}, true};

    result<store::written> open(const std::string& till = "T01", std::int64_t opening = 500'000)
    {
        return s.wait([&]() -> task<result<store::written>> {
            return s.drawers.open(shop::key(), {till, "VND", opening, {}}, cashier);
        });
    }
    result<store::written> move(const std::string& id, drawer kind, std::int64_t amount)
    {
        return s.wait([&]() -> task<result<store::written>> {
            return s.drawers.move(shop::key(), id, {kind, amount, "for the bank"}, cashier);
        });
    }
    result<store::written> close(const std::string& id, cash_closing what, const till_person& by)
    {
        return s.wait([&]() -> task<result<store::written>> {
            return s.drawers.close(shop::key(), id, what, by);
        });
    }
    result<store::written> close(const std::string& id, std::int64_t counted)
    {
        cash_closing what;
        what.counted = counted;
        return close(id, what, cashier);
    }
    json report(const std::string& id)
    {
        return json::parse(s.sql(
            "SELECT json_build_object('expected', sum(amount), 'n', count(*)) FROM cash_movements WHERE session_id = '" +
            id + "'"));
    }
    // A sale at the counter, as orders write it down.
    errc sell(std::int64_t amount, std::optional<std::string> till, bool offline,
              method how = method::cash)
    {
        const auto done = s.wait([&]() -> task<result<store::written>> {
            return s.work.run(shop::key(), [&](store::tx& on) -> result<store::answer> {
                counter_payment what;
                what.order_id = make_uuid(system_clock(), system_random());
                what.order_number = "DH-261120-" + what.order_id.substr(30);
                what.how = how;
                what.amount = {amount, "VND"};
                what.till = till;
                what.recover = offline;
                const auto made = s.drawers.record(on, what);
                if (!made) return made.error();
                return store::answer{};
            });
        });
        return done ? errc{} : done.error().code;
    }
};

std::string id_of(const result<store::written>& made)
{
    REQUIRE(made.has_value());
    return json::parse(made->what.body)["id"];
}

TEST_CASE("a day at the till: float, sales, change, in, out, count")
{
    counter c;
    const auto id = id_of(c.open());
    CHECK(c.open().error().code == errc::session_already_open);
    CHECK(c.sell(185'000, "T01", false) == errc{});
    CHECK(c.sell(50'000, "T01", false, method::card) == errc{});
    REQUIRE(c.move(id, drawer::cash_in, 100'000).has_value());
    REQUIRE(c.move(id, drawer::cash_out, 600'000).has_value());
    CHECK(c.move(id, drawer::cash_out, 185'001).error().code == errc::validation_failed);
    CHECK(c.report(id)["expected"] == 185'000);
    cash_closing count;
    count.notes = {{100'000, 1}, {50'000, 1}, {20'000, 1}, {10'000, 1}, {5'000, 1}};
    const auto closed = json::parse(c.close(id, count, c.cashier)->what.body);
    CHECK(closed["status"] == "closed");
    CHECK(closed["report"] == "Z");
    CHECK(closed["zNumber"] == 1);
    CHECK(closed["expected"] == 185'000);
    CHECK(closed["counted"] == 185'000);
    CHECK(closed["difference"] == 0);
    CHECK(
        closed["sales"] ==
        json::parse(
            R"([{"method":"cash","count":1,"amount":185000},{"method":"card","count":1,"amount":50000}])"));
    CHECK(c.close(id, 0).error().code == errc::no_open_session);
    CHECK(c.move(id, drawer::cash_in, 1).error().code == errc::no_open_session);
    CHECK(json::parse(c.close(id_of(c.open("T01", 0)), 0)->what.body)["zNumber"] == 2);
}

TEST_CASE("a small difference is noted, a large one needs somebody who may accept it")
{
    counter c;
    CHECK(json::parse(c.close(id_of(c.open()), 450'000)->what.body)["difference"] == -50'000);
    const auto id = id_of(c.open());
    const auto refused = c.close(id, 449'999);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::difference_too_large);
    CHECK(refused.error().members == R"("difference":-50001,"limit":50000)");
    cash_closing what;
    what.counted = 449'999;
    what.accept_difference = true;
    CHECK(c.close(id, what, c.cashier).error().code == errc::difference_too_large);
    const auto done = c.close(id, what, c.manager);
    REQUIRE(done.has_value());
    CHECK(json::parse(done->what.body)["approvedBy"] == c.manager.who.user_id);
}

TEST_CASE("a session is its cashier's, and the manager's")
{
    counter c;
    const auto id = id_of(c.open());
    const till_person other{{"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60004", {}, {}, {}, {}, {}}, false};
    const auto see = [&](const till_person& by) {
        return c.s.wait(
            [&]() -> task<result<store::seen<cash_report>>> { return c.s.drawers.report(id, by); });
    };
    CHECK(see(c.cashier).has_value());
    CHECK(see(c.manager).has_value());
    CHECK(see(other).error().code == errc::not_found);
    cash_closing what;
    what.counted = 500'000;
    CHECK(c.close(id, what, other).error().code == errc::not_found);
    const auto list = [&](const till_person& by) {
        return c.s
            .wait([&]() -> task<result<store::seen<std::vector<cash_session>>>> {
                return c.s.drawers.list({}, by);
            })
            ->value.size();
    };
    CHECK(list(c.cashier) == 1);
    CHECK(list(c.manager) == 1);
    CHECK(list(other) == 0);
}

TEST_CASE(
    "a sale that has happened finds a session or makes one; a sale still to be made is refused")
{
    counter c;
    CHECK(c.sell(10'000, "T07", false) == errc::no_open_session);
    CHECK(c.s.sql("SELECT count(*) FROM payments") == "0");
    CHECK(c.sell(10'000, "T07", true) == errc{});
    CHECK(c.sell(20'000, "T07", false) == errc{});
    CHECK(
        c.s.sql(
            "SELECT till || ' ' || recovery || ' ' || (SELECT sum(amount) FROM cash_movements) FROM cash_sessions") ==
        "T07 true 30000");
    CHECK(c.sell(5'000, std::nullopt, false) == errc{});
    CHECK(c.s.sql("SELECT count(*) FROM payments WHERE cash_session_id IS NULL") == "1");
}

TEST_CASE("no sale falls into a drawer that is being counted")
{
    counter c;
    const auto id = id_of(c.open());
    std::vector<std::future<errc>> sales;
    for (int i = 0; i < 20; ++i)
        sales.push_back(
            std::async(std::launch::async, [&] { return c.sell(1'000, "T01", false); }));
    cash_closing what;
    what.counted = 500'000;
    what.accept_difference = true;
    const auto closed = json::parse(c.close(id, what, c.manager)->what.body);
    for (auto& one : sales) {
        const auto code = one.get();
        const bool fine = code == errc{} || code == errc::no_open_session;
        CHECK(fine);
    }
    CHECK(c.report(id)["expected"] == closed["expected"]);
}

TEST_CASE("cash goes back out of the drawer it is taken from")
{
    counter c;
    const auto id = id_of(c.open());
    const auto order = c.s.orders.add(100'000);
    const auto made = c.s.pay(order, {method::cash, 100'000, "T01"});
    CHECK(made["cashSessionId"] == id);
    const auto back = c.s.wait([&]() -> task<result<store::written>> {
        return c.s.service.refund(shop::key(), made["id"], {40'000, "broken", "T01"},
                                  c.cashier.who);
    });
    REQUIRE(back.has_value());
    CHECK(json::parse(back->what.body)["status"] == "completed");
    CHECK(c.report(id)["expected"] == 560'000);
    CHECK(c.s.orders.show(order) == "100000/40000 open");
    const auto nowhere = c.s.wait([&]() -> task<result<store::written>> {
        return c.s.service.refund(shop::key(), made["id"], {1'000, "broken", "T99"}, c.cashier.who);
    });
    CHECK(nowhere.error().code == errc::no_open_session);
}

}  // namespace
}  // namespace kieng::payments
