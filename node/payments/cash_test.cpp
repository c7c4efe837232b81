#include "node/payments/cash.hpp"

#include "base/money.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::payments;

TEST_CASE("notes and their counts make a sum")
{
    const std::vector<note_count> drawer{{500'000, 3}, {200'000, 2}, {1'000, 7}, {500, 1}};
    CHECK(sum_of(drawer).value() == 1'907'500);
    CHECK(sum_of({}).value() == 0);
    for (const auto note : kNotes) CHECK(is_note(note));
    CHECK(is_note(500'000));
    CHECK_FALSE(is_note(300'000));
    CHECK_FALSE(is_note(0));
    CHECK_FALSE(is_note(-1'000));
}

TEST_CASE("a sum beyond what money can be is refused instead of turning around")
{
    const std::vector<note_count> absurd{{500'000, 9'000'000'000'000'000},
                                         {500'000, 9'000'000'000'000'000}};
    CHECK(sum_of(absurd).error().code == errc::money_overflow);
    CHECK(sum_of(std::vector<note_count>{{1, kMaxMoney}}).value() == kMaxMoney);
    CHECK(sum_of(std::vector<note_count>{{1, kMaxMoney}, {1, 1}}).has_error());
}

TEST_CASE("change is what is left of what was given")
{
    CHECK(change_of(185'000, 200'000).value() == 15'000);
    CHECK(change_of(185'000, 185'000).value() == 0);
    CHECK(change_of(0, 0).value() == 0);
    const auto short_of = change_of(185'000, 184'999);
    REQUIRE(short_of.has_error());
    CHECK(short_of.error().fields.at(0) ==
          field_fault{"/tendered", fault_code::not_enough, ">= 185000"});
}

TEST_CASE("a drawer's movements add up to what should lie in it")
{
    std::int64_t holds = 0;
    for (const auto& [kind, amount] : {std::pair{drawer::opening_float, 500'000},
                                       {drawer::sale, 185'000},
                                       {drawer::refund, 35'000},
                                       {drawer::cash_in, 100'000},
                                       {drawer::cash_out, 600'000}})
        holds += signed_amount(kind, amount);
    CHECK(holds == 150'000);
}
