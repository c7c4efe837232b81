#include "node/payments/payments.hpp"

#include "node/payments/payment_json.hpp"
#include "node/payments/payment_routes.hpp"
#include "node/payments/refund_store.hpp"

#include <iterator>
#include <thread>

namespace kieng::payments {
namespace {

using store::tx;

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::milliseconds kLook{5};

// The numbers of methods are those of orders, but `on_account`, which is no money.
std::optional<method> method_of(orders::payment_method how) noexcept
{
    using orders::payment_method;
    switch (how) {
    case payment_method::cash: return method::cash;
    case payment_method::bank_transfer: return method::bank_transfer;
    case payment_method::cod: return method::cod;
    case payment_method::vnpay: return method::vnpay;
    case payment_method::mock: return method::mock;
    case payment_method::card: return method::card;
    case payment_method::on_account: return std::nullopt;
    }
    return std::nullopt;
}

result<std::string> record_sale(const cash_service& drawers, tx& on,
                                const orders::counter_sale& sale)
{
    std::string out = "[";
    for (const auto& part : sale.payments) {
        const auto how = method_of(part.method);
        if (!how) continue;
        counter_payment one;
        one.order_id = sale.order_id;
        one.order_number = sale.number;
        one.account = sale.customer_id;
        one.seller = sale.cashier;
        one.how = *how;
        one.amount = {part.amount, sale.currency};
        one.tendered = part.tendered;
        one.till = sale.till;
        one.recover = sale.offline;
        const auto made = drawers.record(on, std::move(one));
        if (!made) return made.error();
        if (out.size() > 1) out += ',';
        out += to_json(*made);
    }
    return out + "]";
}

std::string list_payments_of(tx& on, const std::string& order_id)
{
    std::vector<shown_payment> all;
    for (auto& one : payments_of_order(on, order_id)) {
        auto back = refunds_of_payment(on, one.id);
        all.push_back({std::move(one), std::move(back)});
    }
    return to_json(all);
}

}  // namespace

payments::payments(payment_options how, const surroundings& in)
    : how_(std::move(how)),
      currency_(in.currency),
      guests_(in.secret),
      log_(in.where.reads, in.now, in.bits),
      client_(in.now),
      ways_(how_, {client_, in.now, in.bits, how_.gateway_timeout}),
      settle_(in.orders, in.now, in.bits, how_.query_after),
      in_{in.where, in.orders, ways_, settle_, how_, in.now, in.bits, in.node},
      webhooks_(in_, [this] { wake(); }),
      service_(in_, log_, [this] { wake(); }),
      drawers_(in_, log_),
      listener_(in_, service_)
{}

std::vector<http::route> payments::routes()
{
    auto out = payment_routes({service_, webhooks_, guests_});
    for (auto more : {webhook_routes(webhooks_), cash_routes(drawers_, currency_)})
        out.insert(out.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    return out;
}

orders::payment_hooks payments::hooks()
{
    orders::payment_hooks out;
    out.record = [this](tx& on, const orders::counter_sale& sale) {
        return record_sale(drawers_, on, sale);
    };
    out.list = [](tx& on, const std::string& order_id) { return list_payments_of(on, order_id); };
    return out;
}

void payments::start(const executor& on)
{
    caretaker_ = std::make_unique<caretaker>(in_, webhooks_, listener_, on);
    caretaker_->start();
    awake_.store(caretaker_.get());
}

void payments::stop()
{
    if (!caretaker_) return;
    caretaker_->stop();
    const auto until = in_.now.steady() + how_.gateway_timeout + kPatience;
    while (!caretaker_->empty() && in_.now.steady() < until) std::this_thread::sleep_for(kLook);
}

void payments::close()
{
    awake_.store(nullptr);
    caretaker_.reset();
}

caretaker::figures payments::counts() const noexcept
{
    const auto* const of = awake_.load();
    return of != nullptr ? of->counts() : caretaker::figures{};
}

void payments::wake()
{
    if (auto* const of = awake_.load()) of->wake();
}

}  // namespace kieng::payments
