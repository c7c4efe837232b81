#include "node/platform/http/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <thread>

namespace kieng::http {
namespace {

using tcp = asio::ip::tcp;

// A service that treats one connection as the test says, on a thread of its own.
class service {
public:
    explicit service(std::function<void(tcp::socket&)> how)
        : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          thread_([this, treat = std::move(how)] {
              boost::system::error_code failed;
              tcp::socket peer(context_);
              acceptor_.accept(peer, failed);
              if (!failed) treat(peer);
          })
    {}
    ~service()
    {
        end_.set_value();
        // Wakes an accept that nobody ever came for.
        boost::system::error_code ignored;
        tcp::socket knock(context_);
        knock.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    [[nodiscard]] std::string url() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    void wait_for_the_end() { ended_.wait(); }

    static std::string read_head(tcp::socket& from)
    {
        asio::streambuf bytes;
        asio::read_until(from, bytes, "\r\n\r\n");
        return {asio::buffers_begin(bytes.data()), asio::buffers_end(bytes.data())};
    }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::promise<void> end_;
    std::shared_future<void> ended_{end_.get_future().share()};
    std::thread thread_;
};

result<client_answer> ask(client_request what, std::chrono::milliseconds within)
{
    const http_client client(system_clock());
    asio::io_context context;
    auto done = std::make_shared<std::optional<result<client_answer>>>();
    asio::co_spawn(
        context.get_executor(),
        [&client, what = std::move(what), within]() -> task<result<client_answer>> {
            client_request copy = what;
            co_return co_await client.ask(std::move(copy), within);
        },
        [done](std::exception_ptr error, result<client_answer> got) {
            if (error) std::rethrow_exception(error);
            done->emplace(std::move(got));
        });
    context.run();
    return **done;
}

client_request get(const std::string& url)
{
    client_request out;
    out.url = url;
    return out;
}

constexpr std::chrono::seconds kLong{10};

TEST_CASE("a request goes out whole and its answer comes back, whatever its status")
{
    std::string seen;
    {
        service peer([&seen](tcp::socket& with) {
            seen = service::read_head(with);
            const std::string answer = "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nlater";
            asio::write(with, asio::buffer(answer));
        });
        auto what = get(peer.url() + "/v1/payments?x=%20y");
        what.method = "POST";
        what.headers.emplace_back("Idempotency-Key", "k1");
        what.content_type = "application/json";
        const auto got = ask(std::move(what), kLong);
        REQUIRE(got.has_value());
        CHECK(got->status == 503);
        CHECK(got->body == "later");
    }
    CHECK(seen.starts_with("POST /v1/payments?x=%20y HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK(seen.find("\r\nIdempotency-Key: k1\r\n") != std::string::npos);
    CHECK(seen.find("\r\nConnection: close\r\n") != std::string::npos);
}

TEST_CASE("a service that is silent, hangs up or says too much is unavailable")
{
    service* self = nullptr;
    {
        service silent([&self](tcp::socket& with) {
            (void)service::read_head(with);
            self->wait_for_the_end();
        });
        self = &silent;
        const auto got = ask(get(silent.url()), std::chrono::milliseconds(100));
        REQUIRE(got.has_error());
        CHECK(got.error().code == errc::gateway_unavailable);
        CHECK(got.error().detail.en.find("no answer in time") != std::string::npos);
    }
    for (const std::string& answer :
         {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
          std::string("nonsense\r\n\r\n"),
          "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x')}) {
        service peer([&answer](tcp::socket& with) {
            boost::system::error_code ignored;
            (void)service::read_head(with);
            asio::write(with, asio::buffer(answer), ignored);
        });
        CHECK(ask(get(peer.url()), kLong).error().code == errc::gateway_unavailable);
    }
}

TEST_CASE("nobody there, and no address at all, are told at once")
{
    std::string gone;
    {
        service peer([](tcp::socket&) {});
        gone = peer.url();
    }
    CHECK(ask(get(gone), kLong).error().code == errc::gateway_unavailable);
    for (const char* bad : {"", "ftp://x/", "http://", "http://user@host/", "/v1"}) {
        CHECK_FALSE(http_client::is_url(bad));
        CHECK(ask(get(bad), kLong).has_error());
    }
    CHECK(http_client::is_url("https://pay.example/merchant_webapi/api/transaction"));
}

}  // namespace
}  // namespace kieng::http
