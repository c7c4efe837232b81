#include "node/orders/order.hpp"

#include <algorithm>

namespace kieng::orders {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view name, const std::array<Enum, N>& all) noexcept
{
    const auto* const found =
        std::find_if(all.begin(), all.end(), [name](Enum one) { return name_of(one) == name; });
    if (found == all.end()) return std::nullopt;
    return *found;
}

}  // namespace

std::vector<status> next_of(status from)
{
    std::vector<status> out;
    for (const status to : kStatuses)
        if (may_become(from, to)) out.push_back(to);
    return out;
}

std::string_view name_of(status s) noexcept
{
    switch (s) {
    case status::created: return "created";
    case status::pending: return "pending";
    case status::paid: return "paid";
    case status::confirmed: return "confirmed";
    case status::processing: return "processing";
    case status::shipped: return "shipped";
    case status::delivered: return "delivered";
    case status::cancelled: return "cancelled";
    case status::failed: return "failed";
    case status::returned: return "returned";
    case status::refunded: return "refunded";
    }
    return "";
}

std::string_view name_of(channel c) noexcept
{
    switch (c) {
    case channel::online: return "online";
    case channel::pos: return "pos";
    }
    return "";
}

std::string_view name_of(payment_method m) noexcept
{
    switch (m) {
    case payment_method::cash: return "cash";
    case payment_method::bank_transfer: return "bank_transfer";
    case payment_method::cod: return "cod";
    case payment_method::vnpay: return "vnpay";
    case payment_method::mock: return "mock";
    case payment_method::card: return "card";
    case payment_method::on_account: return "on_account";
    }
    return "";
}

std::string_view name_of(payment_status s) noexcept
{
    switch (s) {
    case payment_status::unpaid: return "unpaid";
    case payment_status::authorized: return "authorized";
    case payment_status::paid: return "paid";
    case payment_status::partially_refunded: return "partially_refunded";
    case payment_status::refunded: return "refunded";
    case payment_status::cod_pending: return "cod_pending";
    }
    return "";
}

std::string_view name_of(fulfillment_status s) noexcept
{
    switch (s) {
    case fulfillment_status::unfulfilled: return "unfulfilled";
    case fulfillment_status::partial: return "partial";
    case fulfillment_status::shipped: return "shipped";
    case fulfillment_status::delivered: return "delivered";
    case fulfillment_status::returned: return "returned";
    }
    return "";
}

std::optional<status> status_named(std::string_view name) noexcept
{
    return named(name, kStatuses);
}

std::optional<channel> channel_named(std::string_view name) noexcept
{
    return named(name, std::array{channel::online, channel::pos});
}

std::optional<payment_method> payment_method_named(std::string_view name) noexcept
{
    using enum payment_method;
    return named(name, std::array{cash, bank_transfer, cod, vnpay, mock, card, on_account});
}

std::chrono::seconds hold_of(payment_method m) noexcept
{
    switch (m) {
    case payment_method::bank_transfer:
    case payment_method::vnpay: return minutes(30);
    case payment_method::mock:
    case payment_method::card: return minutes(15);
    case payment_method::cash:
    case payment_method::cod:
    case payment_method::on_account: return hours(24);
    }
    return minutes(15);
}

payment_status payment_of(const order& of) noexcept
{
    if (of.refunded > 0)
        return of.refunded >= of.paid ? payment_status::refunded
                                      : payment_status::partially_refunded;
    if (of.paid >= of.total && (of.paid > 0 || of.payment == payment_status::paid))
        return payment_status::paid;
    return of.method == payment_method::cod ? payment_status::cod_pending : payment_status::unpaid;
}

}  // namespace kieng::orders
