#include "cluster/client/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <sys/socket.h>

#include <stdexcept>

namespace kieng::cluster::client {
namespace {

namespace http = boost::beast::http;
constexpr int kMostInterim = 16;

}  // namespace

struct connection::exchange {
    std::optional<http::response_parser<http::string_body>> parser;
    bool body_expected = true;
    read_limits limits;
};

endpoint endpoint::of(const std::string& url)
{
    const auto parsed = boost::urls::parse_uri(url);
    const bool http =
        parsed.has_value() && (parsed->scheme() == "http" || parsed->scheme() == "https");
    if (!http || parsed->encoded_host().empty() || parsed->has_userinfo() || parsed->has_query()) {
        throw std::invalid_argument("not the address of a server (http://host:port): " + url);
    }
    endpoint out;
    out.tls = parsed->scheme() == "https";
    out.host = std::string(parsed->encoded_host_address());
    out.port = parsed->has_port() ? std::string(parsed->port()) : (out.tls ? "443" : "80");
    out.authority = std::string(parsed->encoded_host_and_port());
    return out;
}

connection::connection(const executor& where, endpoint to, std::shared_ptr<asio::ssl::context> tls)
    : to_(std::move(to)),
      context_(std::move(tls)),
      stream_(socket(where), *context_),
      resolver_(where),
      watch_(where)
{}

task<connection::error> connection::connect()
{
    using endpoints = std::vector<asio::ip::tcp::endpoint>;
    error failed;
    endpoints found;
    const auto literal = asio::ip::make_address(to_.host, failed);
    if (!failed) {
        found.emplace_back(literal, static_cast<std::uint16_t>(std::stoul(to_.port)));
    } else {
        auto token = asio::redirect_error(use_task_t{}, failed);
        const auto names = co_await resolver_.async_resolve(to_.host, to_.port, token);
        for (const auto& one : names) found.push_back(one.endpoint());
    }
    if (found.empty() && !failed) failed = asio::error::host_not_found;
    for (std::size_t i = 0; i < found.size() && !closed_; ++i) {
        error ignored;
        stream_.next_layer().close(ignored);
        auto token = asio::redirect_error(use_task_t{}, failed);
        const asio::ip::tcp::endpoint target = found[i];
        co_await stream_.next_layer().async_connect(target, token);
        if (!failed) break;
    }
    if (closed_) failed = asio::error::operation_aborted;
    co_return failed;
}

task<connection::error> connection::open()
{
    error failed = co_await connect();
    if (failed) co_return failed;
    error ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
    if (!to_.tls) co_return failed;
    error no_literal;
    asio::ip::make_address(to_.host, no_literal);
    // A name for the server to choose its certificate by; an address is none (RFC 6066 §3).
    if (no_literal) SSL_set_tlsext_host_name(stream_.native_handle(), to_.host.c_str());
    stream_.set_verify_callback(asio::ssl::host_name_verification(to_.host), ignored);
    auto token = asio::redirect_error(use_task_t{}, failed);
    co_await stream_.async_handshake(asio::ssl::stream_base::client, token);
    co_return failed;
}

bool connection::usable()
{
    if (closed_) return false;
    char byte = 0;
    const auto got =
        ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // Under TLS a session ticket may wait to be read; that is no reason to throw the connection away.
    if (got > 0) return to_.tls;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

task<connection::error> connection::write(std::string head, std::string_view body)
{
    reusable_ = false;
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    const std::array<asio::const_buffer, 2> bytes{asio::buffer(head), asio::buffer(body)};
    if (to_.tls)
        co_await asio::async_write(stream_, bytes, token);
    else
        co_await asio::async_write(stream_.next_layer(), bytes, token);
    co_return failed;
}

template <class Stream>
task<connection::error> connection::read_head_on(Stream& stream)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    for (int i = 0; i < kMostInterim; ++i) {
        auto& parser = exchange_->parser.emplace();
        parser.header_limit(static_cast<std::uint32_t>(exchange_->limits.header));
        parser.body_limit(exchange_->limits.body);
        parser.skip(!exchange_->body_expected);
        co_await http::async_read_header(stream, buffer_, parser, token);
        const bool interim = !failed && parser.get().result_int() / 100 == 1;
        if (!interim) co_return failed;
    }
    co_return http::make_error_code(http::error::bad_status);
}

task<connection::head_read> connection::read_head(bool body_expected, read_limits limits)
{
    exchange_ = std::make_shared<exchange>();
    exchange_->body_expected = body_expected;
    exchange_->limits = limits;
    head_read out;
    if (to_.tls)
        out.failed = co_await read_head_on(stream_);
    else
        out.failed = co_await read_head_on(stream_.next_layer());
    if (!out.failed) out.status = static_cast<int>(exchange_->parser->get().result_int());
    co_return out;
}

template <class Stream>
task<connection::error> connection::read_body_on(Stream& stream, std::function<void()> progress)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    auto& parser = *exchange_->parser;
    while (!parser.is_done() && !failed) {
        co_await http::async_read_some(stream, buffer_, parser, token);
        progress();
    }
    co_return failed;
}

task<connection::error> connection::read_body(answer& into, std::function<void()> progress)
{
    error failed;
    if (to_.tls)
        failed = co_await read_body_on(stream_, std::move(progress));
    else
        failed = co_await read_body_on(stream_.next_layer(), std::move(progress));
    auto& message = exchange_->parser->get();
    into.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        into.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    into.body = std::move(message.body());
    const bool whole = !failed && exchange_->parser->is_done();
    // What came behind the answer was not asked for: whatever it is, it must not be taken for the next one.
    reusable_ = whole && exchange_->parser->keep_alive() && buffer_.size() == 0 && !closed_;
    if (!whole && !failed) failed = http::make_error_code(http::error::partial_message);
    co_return failed;
}

template <class Stream>
task<connection::error> connection::read_pieces_on(Stream& stream,
                                                   std::function<bool(std::string_view)> piece)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    auto& parser = *exchange_->parser;
    parser.body_limit(boost::none);
    bool wanted = true;
    while (wanted && !parser.is_done() && !failed) {
        co_await http::async_read_some(stream, buffer_, parser, token);
        auto& body = parser.get().body();
        wanted = piece(body);
        body.clear();
    }
    co_return failed;
}

task<connection::error> connection::read_pieces(std::function<bool(std::string_view)> piece)
{
    if (to_.tls) co_return co_await read_pieces_on(stream_, std::move(piece));
    co_return co_await read_pieces_on(stream_.next_layer(), std::move(piece));
}

void connection::watch(milliseconds time, const clock& now,
                       std::function<void(milliseconds)> expired)
{
    const auto mine = ++watches_;
    watch_.cancel();
    if (time <= milliseconds(0) && !expired) return;
    const steady_time due = now.steady() + time;
    watch_.expires_at(due);
    watch_.async_wait([self = shared_from_this(), mine, due, &now,
                       call = std::move(expired)](const error& failed) {
        if (failed || mine != self->watches_) return;
        self->close();
        call(std::chrono::duration_cast<milliseconds>(now.steady() - due));
    });
}

void connection::close()
{
    closed_ = true;
    reusable_ = false;
    ++watches_;
    error ignored;
    watch_.cancel();
    resolver_.cancel();
    stream_.next_layer().close(ignored);
}

std::shared_ptr<asio::ssl::context> client_tls(const std::string& ca_file)
{
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    context->set_verify_mode(asio::ssl::verify_peer);
    if (ca_file.empty())
        context->set_default_verify_paths();
    else
        context->load_verify_file(ca_file);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    return context;
}

}  // namespace kieng::cluster::client
