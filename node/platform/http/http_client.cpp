#include "node/platform/http/http_client.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <optional>

namespace kieng::http {
namespace {

namespace beast_http = boost::beast::http;
using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_resolver = asio::ip::basic_resolver<tcp, executor>;
using tls_stream = asio::ssl::stream<tcp_socket&>;
using boost::system::error_code;

constexpr std::size_t kMostBody = 256U << 10;
constexpr std::size_t kMostHead = 16U << 10;

struct address {
    std::string host, port, authority, target;
    bool tls = false;
};

std::optional<address> parse(std::string_view url)
{
    const auto read = boost::urls::parse_uri(url);
    if (!read.has_value() || read->host().empty() || read->has_userinfo() || read->has_fragment())
        return std::nullopt;
    address out;
    out.tls = read->scheme() == "https";
    if (!out.tls && read->scheme() != "http") return std::nullopt;
    out.host = std::string(read->encoded_host_address());
    out.port = read->has_port() && !read->port().empty() ? std::string(read->port())
                                                         : (out.tls ? "443" : "80");
    out.authority = std::string(read->encoded_host_and_port());
    out.target = std::string(read->encoded_resource());
    if (!out.target.starts_with('/')) out.target.insert(0, "/");
    return out;
}

failure unavailable(std::string_view what, const error_code& why, bool late)
{
    const std::string text =
        std::string(what) + ": " + (late ? "no answer in time" : why.message());
    return failure(errc::gateway_unavailable, sentence(text, text));
}

// One call: everything that must live until its last operation has ended.
class call {
public:
    call(executor on, address to, asio::ssl::context& tls)
        : to_(std::move(to)),
          context_(tls),
          socket_(on),
          resolver_(on),
          alarm_(on)
    {}

    task<result<client_answer>> run(client_request what, steady_time by)
    {
        alarm_.expires_at(by);
        alarm_.async_wait([this](const error_code& cancelled) {
            if (cancelled) return;
            late_ = true;
            close();
        });
        auto out = co_await talk(std::move(what));
        alarm_.cancel();
        close();
        // The handler of the alarm is the last that looks at this object.
        use_task_t token;
        co_await asio::post(co_await asio::this_coro::executor, token);
        co_return out;
    }

private:
    void close()
    {
        error_code ignored;
        resolver_.cancel();
        socket_.close(ignored);
    }

    task<result<client_answer>> talk(client_request what)
    {
        auto error = co_await connect();
        if (error) co_return unavailable("cannot connect", error, late_);
        const auto message = message_of(what);
        error_code failed;
        use_task_t token;
        auto quietly = asio::redirect_error(token, failed);
        if (tls_)
            co_await beast_http::async_write(*tls_, message, quietly);
        else
            co_await beast_http::async_write(socket_, message, quietly);
        if (failed) co_return unavailable("cannot send", failed, late_);
        beast_http::response_parser<beast_http::string_body> answer;
        answer.header_limit(kMostHead);
        answer.body_limit(kMostBody);
        if (tls_)
            co_await beast_http::async_read(*tls_, buffer_, answer, quietly);
        else
            co_await beast_http::async_read(socket_, buffer_, answer, quietly);
        if (failed) co_return unavailable("no whole answer", failed, late_);
        client_answer out;
        out.status = answer.get().result_int();
        out.body = std::move(answer.get().body());
        co_return out;
    }

    task<error_code> connect()
    {
        error_code error;
        use_task_t token;
        auto quietly = asio::redirect_error(token, error);
        std::vector<tcp::endpoint> found;
        const auto literal = asio::ip::make_address(to_.host, error);
        if (!error) {
            found.emplace_back(literal, static_cast<std::uint16_t>(std::stoi(to_.port)));
        } else {
            error.clear();
            const auto names = co_await resolver_.async_resolve(to_.host, to_.port, quietly);
            for (const auto& one : names) found.push_back(one.endpoint());
        }
        if (!error && found.empty()) error = asio::error::host_not_found;
        for (std::size_t i = 0; i < found.size() && !late_; ++i) {
            error_code ignored;
            socket_.close(ignored);
            const tcp::endpoint target = found[i];
            co_await socket_.async_connect(target, quietly);
            if (!error) break;
        }
        if (late_) error = asio::error::timed_out;
        if (error || !to_.tls) co_return error;
        tls_.emplace(socket_, context_);
        SSL_set_tlsext_host_name(tls_->native_handle(), to_.host.c_str());
        error_code ignored;
        tls_->set_verify_callback(asio::ssl::host_name_verification(to_.host), ignored);
        co_await tls_->async_handshake(asio::ssl::stream_base::client, quietly);
        co_return error;
    }

    beast_http::request<beast_http::string_body> message_of(client_request& what) const
    {
        beast_http::request<beast_http::string_body> message;
        message.version(11);
        message.method_string(what.method);
        message.target(to_.target);
        message.set(beast_http::field::host, to_.authority);
        message.set(beast_http::field::connection, "close");
        message.set(beast_http::field::user_agent, "kieng");
        for (const auto& [name, value] : what.headers) message.set(name, value);
        if (!what.content_type.empty())
            message.set(beast_http::field::content_type, what.content_type);
        message.body() = std::move(what.body);
        message.prepare_payload();
        return message;
    }

    const address to_;
    asio::ssl::context& context_;
    tcp_socket socket_;
    std::optional<tls_stream> tls_;
    tcp_resolver resolver_;
    timer alarm_;
    bool late_ = false;
    boost::beast::flat_buffer buffer_;
};

}  // namespace

struct http_client::shared {
    const clock& now;
    mutable asio::ssl::context tls{asio::ssl::context::tls_client};
};

http_client::http_client(const clock& now) : shared_(new shared{now})
{
    shared_->tls.set_verify_mode(asio::ssl::verify_peer);
    shared_->tls.set_default_verify_paths();
    SSL_CTX_set_min_proto_version(shared_->tls.native_handle(), TLS1_2_VERSION);
}

http_client::~http_client() = default;

task<result<client_answer>> http_client::ask(client_request what,
                                             std::chrono::milliseconds within) const
{
    auto to = parse(what.url);
    if (!to) {
        const std::string text = "not an address: " + what.url;
        co_return failure(errc::gateway_unavailable, sentence(text, text));
    }
    const steady_time by = shared_->now.steady() + within;
    const auto on = co_await asio::this_coro::executor;
    const auto one = std::make_unique<call>(on, *std::move(to), shared_->tls);
    co_return co_await one->run(std::move(what), by);
}

bool http_client::is_url(std::string_view text)
{
    return parse(text).has_value();
}

}  // namespace kieng::http
