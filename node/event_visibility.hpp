// Who may see which announced event: the one table of it. A type that is not listed is seen by nobody; a test compares the table
// with what the code announces. Pure functions, thread safe.
#pragma once

#include "node/platform/http/caller.hpp"
#include "node/platform/store/event.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kieng::node {

// How much of an event a caller sees. `bare`: that it happened, with empty data.
enum class sight : std::uint8_t { nothing = 1, bare, whole };

// Whom a kind of event is for.
//   goods     everybody with catalog.read
//   products  everybody with catalog.read, but the data only with catalog.read_all: it tells of goods that are not published
//   account   the account it is about, and users.manage
//   stock     everybody with stock.read
//   orders    the account that ordered, and orders.read_all
//   tills     everybody with cash.session
enum class circle : std::uint8_t {
    nobody = 1,
    everybody,
    goods,
    products,
    account,
    orders,
    stock,
    tills
};

struct audience {
    circle who = circle::nobody;
    std::string account;  // user id, with circle::account and circle::orders
};

[[nodiscard]] audience audience_of(const store::event& what);
[[nodiscard]] sight sight_of(const audience& of, const http::caller& who) noexcept;

struct visibility_row {
    std::string_view type;
    circle who;
};
[[nodiscard]] std::span<const visibility_row> visibility_table() noexcept;

}  // namespace kieng::node
