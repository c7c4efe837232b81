#include "node/payments/mock_provider.hpp"

#include "base/encoding.hpp"
#include "node/payments/local_providers.hpp"
#include "node/payments/notice_json.hpp"

namespace kieng::payments {
namespace {

constexpr int kTooManyRequests = 429;

failure refused(int status)
{
    const std::string text = "the gateway answered " + std::to_string(status);
    return failure(errc::gateway_unavailable, sentence(text, text));
}

bool passing(int status) noexcept
{
    return status >= 500 || status == kTooManyRequests;
}

}  // namespace

http::client_request mock_provider::request(std::string verb, std::string path, std::string body,
                                            std::string key) const
{
    http::client_request out;
    out.method = std::move(verb);
    out.url = url_ + path;
    out.headers.emplace_back("Authorization", "Bearer " + secret_);
    if (!key.empty()) out.headers.emplace_back("Idempotency-Key", std::move(key));
    if (!body.empty()) out.content_type = "application/json";
    out.body = std::move(body);
    return out;
}

task<result<report>> mock_provider::ask(std::string verb, std::string path, std::string body,
                                        std::string key) const
{
    auto what = request(std::move(verb), std::move(path), std::move(body), std::move(key));
    const auto answer = co_await with_.client.ask(std::move(what), with_.within);
    if (!answer) co_return answer.error();
    if (passing(answer->status)) co_return refused(answer->status);
    if (answer->status == 404) co_return report{};
    if (answer->status >= 400) {
        report out;
        out.what = outcome::declined;
        out.code = "refused";
        co_return out;
    }
    co_return read_mock_payment(answer->body);
}

task<result<report>> mock_provider::create(payment of, std::string)
{
    auto body = mock_payment_body(of);
    co_return co_await ask("POST", "/v1/payments", std::move(body), of.id);
}

task<result<report>> mock_provider::query(payment of)
{
    std::string path = "/v1/payments/" + percent_encode(of.reference);
    co_return co_await ask("GET", std::move(path), {}, {});
}

task<result<report>> mock_provider::capture(payment of)
{
    std::string path = "/v1/payments/" + percent_encode(of.reference) + "/capture";
    std::string key = of.id + "-capture";
    co_return co_await ask("POST", std::move(path), {}, std::move(key));
}

task<result<report>> mock_provider::cancel(payment of)
{
    std::string path = "/v1/payments/" + percent_encode(of.reference) + "/cancel";
    std::string key = of.id + "-cancel";
    co_return co_await ask("POST", std::move(path), {}, std::move(key));
}

task<result<refund_report>> mock_provider::refund(payment of, payments::refund what)
{
    auto body = mock_refund_body(of, what);
    auto asked = request("POST", "/v1/refunds", std::move(body), what.id);
    const auto answer = co_await with_.client.ask(std::move(asked), with_.within);
    if (!answer) co_return answer.error();
    if (passing(answer->status)) co_return refused(answer->status);
    if (answer->status >= 400) {
        refund_report out;
        out.state = refund_status::failed;
        out.code = "refused";
        co_return out;
    }
    co_return read_mock_refund(answer->body);
}

result<notice> mock_provider::verify_webhook(const webhook& what, wall_time now) const
{
    if (const auto good = check_signature(what, secret_, now); !good) return good.error();
    return read_mock_notice(what.raw);
}

}  // namespace kieng::payments
