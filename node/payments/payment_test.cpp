#include "node/payments/payment.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace kieng::payments;

namespace {

using pair = std::pair<status, status>;

std::set<pair> allowed()
{
    using enum status;
    return {{pending, processing}, {pending, completed},    {pending, failed},
            {pending, cancelled},  {pending, review},       {processing, completed},
            {processing, failed},  {processing, cancelled}, {processing, review},
            {failed, review},      {cancelled, review},     {review, completed}};
}

}  // namespace

TEST_CASE("of all 36 pairs of statuses only the table's may follow each other")
{
    const auto good = allowed();
    int tried = 0;
    for (const auto from : kStatuses) {
        for (const auto to : kStatuses) {
            CAPTURE(name_of(from));
            CAPTURE(name_of(to));
            CHECK(may_become(from, to) == good.contains({from, to}));
            ++tried;
        }
    }
    CHECK(tried == 36);
}

TEST_CASE("what is completed never regresses, and nothing that is over begins again")
{
    for (const auto to : kStatuses) CHECK_FALSE(may_become(status::completed, to));
    for (const auto from : {status::failed, status::cancelled, status::review}) {
        CHECK_FALSE(may_become(from, status::pending));
        CHECK_FALSE(may_become(from, status::processing));
    }
    CHECK_FALSE(may_become(status::failed, status::completed));
    static_assert(is_open(status::pending) && is_open(status::processing));
    static_assert(!is_open(status::review) && !is_open(status::completed));
}

TEST_CASE("a refund ends once")
{
    for (const auto from : kRefundStatuses) {
        for (const auto to : kRefundStatuses) {
            const bool ended = from == refund_status::completed || from == refund_status::failed;
            const bool back = static_cast<int>(to) <= static_cast<int>(from);
            CHECK(may_become(from, to) == (!ended && !back));
        }
    }
}

TEST_CASE("every status and method has a name of its own and is found by it")
{
    for (const auto s : kStatuses) CHECK(status_of(name_of(s)) == s);
    for (const auto m : kMethods) CHECK(method_of(name_of(m)) == m);
    CHECK_FALSE(status_of("").has_value());
    CHECK_FALSE(method_of("stripe").has_value());
}

TEST_CASE("a reference survives what banks do to a message")
{
    CHECK(reference_of("DH-261120-000123", 2) == "DH261120000123T2");
    const std::vector<std::string> one{"DH261120000123T2"};
    CHECK(references_in("DH261120000123T2") == one);
    CHECK(references_in("MBVCB.123.thanh toan dh261120000123t2 .CT tu 0123 NGUYEN LAN") == one);
    CHECK(references_in("DH261120000123T2-CHUYEN TIEN") == one);
    CHECK(references_in("DH261120000123T1 DH261120000124T1").size() == 2);
    CHECK(references_in("DH261120000123").empty());
    CHECK(references_in("XDH261120000123T2").empty());
    CHECK(references_in("DH261120000123T22").empty());
    CHECK(references_in("").empty());
    std::string many;
    for (int i = 0; i < 100; ++i) many += "DH261120000123T2 ";
    CHECK(references_in(many).size() == 8);
}
