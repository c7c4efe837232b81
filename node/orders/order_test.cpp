#include "node/orders/order.hpp"

#include "node/orders/guest_token.hpp"
#include "node/orders/order_version.hpp"
#include "node/orders/totals.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <set>

using namespace kieng;
using namespace kieng::orders;

namespace {

std::vector<priced_line> lines(std::initializer_list<std::pair<std::int64_t, std::int64_t>> of,
                               const char* currency = "VND")
{
    std::vector<priced_line> out;
    for (const auto& [price, quantity] : of) out.push_back({quantity, {price, currency}});
    return out;
}

errc fault_of(const char* version)
{
    const auto got = parse_version(version);
    REQUIRE(got.has_error());
    CHECK(got.error().members.find("\"example\":") != std::string::npos);
    return got.error().code;
}

}  // namespace

TEST_CASE("of all 121 pairs of statuses exactly the edges of the table are ways")
{
    // Said a second time, as docs/ORDERS.md draws it.
    const std::set<std::pair<std::string, std::string>> ways{
        {"created", "pending"},      {"created", "cancelled"},    {"created", "failed"},
        {"pending", "paid"},         {"pending", "confirmed"},    {"pending", "cancelled"},
        {"pending", "failed"},       {"paid", "confirmed"},       {"paid", "cancelled"},
        {"confirmed", "processing"}, {"confirmed", "cancelled"},  {"processing", "shipped"},
        {"processing", "delivered"}, {"processing", "cancelled"}, {"shipped", "delivered"},
        {"shipped", "returned"},     {"delivered", "refunded"},   {"delivered", "returned"},
        {"refunded", "returned"},    {"returned", "refunded"}};
    int pairs = 0;
    for (const status from : kStatuses) {
        for (const status to : kStatuses) {
            ++pairs;
            CAPTURE(name_of(from));
            CAPTURE(name_of(to));
            CHECK(may_become(from, to) ==
                  ways.contains({std::string(name_of(from)), std::string(name_of(to))}));
        }
    }
    CHECK(pairs == 121);
    CHECK(next_of(status::cancelled).empty());
    CHECK(next_of(status::failed).empty());
    static_assert(may_become(status::pending, status::paid));
}

TEST_CASE("the steps of a counter sale are ways of the table")
{
    for (std::size_t i = 1; i < kCounterSteps.size(); ++i)
        CHECK(may_become(kCounterSteps[i - 1], kCounterSteps[i]));
}

TEST_CASE("names lead back to what they name")
{
    for (const status s : kStatuses) CHECK(status_named(name_of(s)) == s);
    CHECK_FALSE(status_named("PENDING").has_value());
    CHECK_FALSE(status_named("").has_value());
    for (const auto name : kOnlineMethods) CHECK(name_of(*payment_method_named(name)) == name);
    for (const auto name : kCounterMethods) CHECK(name_of(*payment_method_named(name)) == name);
}

TEST_CASE("sums are exact to the last unit")
{
    CHECK(total(lines({{25'000'000, 5}}))->minor == 125'000'000);
    CHECK(total(lines({{kMaxMoney, 1}}))->minor == kMaxMoney);
    CHECK(total(lines({{kMaxMoney - 1, 1}, {1, 1}}))->minor == kMaxMoney);
    CHECK(total(lines({{1999, 3}, {1, 7}}, "USD"))->minor == 6004);
    CHECK(total(lines({{9'000'000, 1'000'000'000}}))->minor == kMaxMoney);
    CHECK(total(lines({}))->minor == 0);
}

TEST_CASE("a sum that does not fit is a failure, not a wrong number")
{
    CHECK(total(lines({{kMaxMoney, 2}})).error().code == errc::money_overflow);
    CHECK(total(lines({{kMaxMoney, 1}, {1, 1}})).error().code == errc::money_overflow);
    CHECK(total(lines({{kMaxMoney, 1'000'000'000}})).error().code == errc::money_overflow);
    // Its low 64 bits alone would look like a small number.
    CHECK(total(lines({{1LL << 53, 1LL << 11}})).error().code == errc::money_overflow);
    auto mixed = lines({{1, 1}});
    mixed.push_back({1, {1, "USD"}});
    CHECK(total(mixed).error().code == errc::currency_mixed);
}

TEST_CASE("shares in basis points round halves up and do not overflow")
{
    CHECK(share_of(200'000, 1250) == 25'000);
    CHECK(share_of(99, 1250) == 12);   // 12.375
    CHECK(share_of(100, 1250) == 13);  // 12.5
    CHECK(share_of(1, 1250) == 0);
    CHECK(share_of(kMaxMoney, 1250) == kMaxMoney / 8);
    CHECK(share_of(kMaxMoney, 10'000) == kMaxMoney);
    CHECK(share_of(0, 10'000) == 0);
}

TEST_CASE("what is spread over lines sums up to what was spread")
{
    using list = std::vector<std::int64_t>;
    CHECK(spread(100, list{1, 1, 1}) == list{34, 33, 33});
    CHECK(spread(101, list{1, 1, 1}) == list{34, 34, 33});
    CHECK(spread(12, list{99, 1}) == list{12, 0});
    CHECK(spread(10, list{0, 0}) == list{10, 0});
    CHECK(spread(5, list{}).empty());
    CHECK(spread(kMaxMoney, list{kMaxMoney, kMaxMoney, kMaxMoney}) ==
          list{kMaxMoney / 3, kMaxMoney / 3, kMaxMoney / 3});
    const list weights{7, 13, 29, 31, 101};
    for (std::int64_t amount = 0; amount < 500; ++amount) {
        const auto parts = spread(amount, weights);
        CHECK(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == amount);
    }
}

TEST_CASE("a version is read from the right, because users may have underscores")
{
    CHECK(parse_version("an_na_2026_20261120093000_a1B2c3")->user == "an_na_2026");
    CHECK(parse_version("guest_20240229235959_abcdef")->user == "guest");
    CHECK(parse_version("__20261120093000_abcdef")->user == "_");
    const std::string longest(50, 'u');
    CHECK(parse_version(longest + "_20261120093000_" + std::string(32, 'x'))->user == longest);
}

TEST_CASE("a version that is none says why and shows one")
{
    for (const char* wrong :
         {"", "abc", "_20261120093000_abcdef", "u_20261120093000", "u_20261120093000_abcde",
          "u_20261120093000_abcdefghijklmnopqrstuvwxyz1234567", "u_20261120093000_abc-ef",
          "u_20261320093000_abcdef", "u_20260230093000_abcdef", "u_20261120243000_abcdef",
          "u_20261120096000_abcdef", "u_2026112009300_abcdef", "u_0000112009300x_abcdef",
          "u u_20261120093000_abcdef", "u\xC3\xA1_20261120093000_abcdef"}) {
        CAPTURE(wrong);
        CHECK(fault_of(wrong) == errc::version_invalid);
    }
    CHECK(fault_of((std::string(51, 'u') + "_20261120093000_abcdef").c_str()) ==
          errc::version_invalid);
    CHECK(fault_of(std::string(101, 'u').c_str()) == errc::version_invalid);
    CHECK(std::string(parse_version(kVersionExample)->user) == "guest");
}

TEST_CASE("a guest's token is theirs alone, on every node")
{
    const guest_tokens a("one secret"), b("one secret"), other("another");
    const auto print = sha256("body");
    const auto id = a.guest_of("key-of-the-request", print);
    CHECK(id == b.guest_of("key-of-the-request", print));
    CHECK(id != a.guest_of("key-of-the-request", sha256("other body")));
    CHECK(id != other.guest_of("key-of-the-request", print));
    const auto token = a.token_of(id);
    CHECK(b.read(token) == id);
    CHECK_FALSE(other.read(token).has_value());
    CHECK_FALSE(a.read(id).has_value());
    CHECK_FALSE(a.read("").has_value());
    CHECK_FALSE(a.read(token + "A").has_value());
    std::string forged = token;
    forged[0] = forged[0] == 'a' ? 'b' : 'a';
    CHECK_FALSE(a.read(forged).has_value());
}
