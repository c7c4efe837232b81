#include "node/payments/testing.hpp"

#include "base/ids.hpp"
#include "node/payments/webhook_signature.hpp"

#include <stdexcept>

namespace kieng::payments::testing {

std::string paper_orders::add(std::int64_t total, const std::string& account)
{
    const auto id = make_uuid(system_clock(), system_random());
    const std::string digits = std::to_string(1'000'000 + ++made_).substr(1);
    in_.sql("INSERT INTO paper_orders (id, number, account, total) VALUES ('" + id +
            "', 'DH-261120-" + digits + "', " + (account.empty() ? "NULL" : "'" + account + "'") +
            ", " + std::to_string(total) + ")");
    return id;
}

std::string paper_orders::show(const std::string& id) const
{
    return in_.sql(
        "SELECT paid || '/' || refunded || CASE WHEN open THEN ' open' ELSE ' closed' END || "
        "coalesce(' ' || given_up, '') FROM paper_orders WHERE id = '" +
        id + "'");
}

task<result<void>> paper_orders::check_sight(std::string id, viewer by)
{
    const auto account =
        in_.sql("SELECT coalesce(account::text, '-') FROM paper_orders WHERE id = '" + id + "'");
    if (account.empty() || !by.may_see(account, {})) co_return failure(errc::not_found);
    co_return result<void>();
}

task<result<report>> scripted_gateway::next(std::string what, std::string id)
{
    calls.push_back(what + " " + id);
    if (answers.empty()) co_return failure(errc::gateway_unavailable);
    auto out = answers.front();
    answers.pop_front();
    co_return out;
}

task<result<refund_report>> scripted_gateway::refund(payment, payments::refund what)
{
    calls.push_back("refund " + what.id);
    if (refunds.empty()) co_return failure(errc::gateway_unavailable);
    auto out = refunds.front();
    refunds.pop_front();
    co_return out;
}

payment_options shop::options()
{
    payment_options out;
    out.vnpay = {"KIENG001", "a secret of the shop", "https://pay.example/vpcpay.html"};
    out.vnpay_return_url = "https://shop.example/app/";
    out.bank = {"970403", "0011012345678", "KIENG"};
    out.bank_secret = kSecret;
    out.mock_url = "http://127.0.0.1:1";
    out.mock_secret = kSecret;
    return out;
}

shop::shop() : ways(how, {client, system_clock(), system_random(), how.gateway_timeout})
{
    auto scripted = std::make_unique<scripted_gateway>(
        kSecret, gateway_tools{client, system_clock(), system_random(), how.gateway_timeout});
    gateway = scripted.get();
    ways.put(std::move(scripted));
    db.start();
}

shop::~shop()
{
    db.stop();
}

store::write_key shop::key(const std::string& name)
{
    store::write_key out;
    out.principal = "tester";
    if (!name.empty()) out.key = name;
    return out;
}

payer shop::cashier()
{
    payer out;
    out.sees.all = true;
    out.who.user_id = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718";
    out.at_counter = true;
    return out;
}

payer shop::buyer(const std::string& account)
{
    payer out;
    out.sees.account = account;
    out.who.user_id = account;
    return out;
}

result<store::written> shop::try_pay(const std::string& order, new_payment what)
{
    return io.wait([&]() -> task<result<store::written>> {
        return service.start(key(), order, what, cashier());
    });
}

json shop::pay(const std::string& order, new_payment what, int status)
{
    const auto done = try_pay(order, std::move(what));
    if (!done || done->what.status != status)
        throw std::runtime_error(done ? done->what.body : std::string(name_of(done.error().code)));
    return json::parse(done->what.body);
}

result<store::written> shop::refund(const std::string& payment, std::optional<std::int64_t> amount)
{
    return io.wait([&]() -> task<result<store::written>> {
        return service.refund(key(), payment, {amount, "changed mind", {}}, cashier().who);
    });
}

json shop::show(const std::string& payment)
{
    const auto body = sql(
        "SELECT row_to_json(p) FROM (SELECT CASE status WHEN 1 THEN 'pending' WHEN 2 THEN 'processing' WHEN 3 THEN "
        "'completed' WHEN 4 THEN 'failed' WHEN 5 THEN 'cancelled' ELSE 'review' END AS status, captured, refunded, "
        "coalesce(failure_code, '') AS code, coalesce(provider_ref, '') AS ref, next_step_at IS NOT NULL AS due "
        "FROM payments WHERE id = '" +
        payment + "') p");
    return json::parse(body);
}

result<taken> shop::tell(method how_paid, const json& event, const std::string& secret)
{
    webhook what;
    what.raw = event.dump();
    what.headers.emplace_back("webhook-signature",
                              sign_webhook(secret, what.raw, system_clock().wall()));
    return io.wait([&]() -> task<result<taken>> { return webhooks.take(how_paid, what); });
}

int shop::turn()
{
    const auto done = io.wait([&]() -> task<result<int>> {
        const int some = co_await care.turn();
        co_return some;
    });
    return *done;
}

void shop::make_all_due()
{
    for (const char* table : {"payments", "refunds", "webhook_events"})
        (void)sql(std::string("UPDATE ") + table +
                  " SET next_step_at = now() - interval '1 s' WHERE next_step_at IS NOT NULL");
}

std::vector<std::string> shop::heard(const std::string& type)
{
    const std::lock_guard lock(mutex);
    std::vector<std::string> out;
    for (const auto& one : events) {
        if (one.type == type) out.push_back(json::parse(one.data).at("status"));
    }
    return out;
}

report shop::paid(const std::string& provider_ref)
{
    report out;
    out.what = outcome::paid;
    out.provider_ref = provider_ref;
    return out;
}

report shop::begun()
{
    report out;
    out.what = outcome::waiting;
    out.provider_ref = "gw-1";
    started how;
    how.state = status::processing;
    how.action = {next_action::kind::redirect, "https://gateway.example/pay", {}};
    out.begun = how;
    return out;
}

}  // namespace kieng::payments::testing
