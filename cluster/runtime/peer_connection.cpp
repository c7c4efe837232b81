#include "cluster/runtime/peer_connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <netinet/tcp.h>

#include <array>
#include <variant>

namespace kieng::cluster {
namespace {

namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_resolver = asio::ip::basic_resolver<tcp, executor>;
using tls_stream = asio::ssl::stream<tcp_socket&>;
using boost::system::error_code;

constexpr std::size_t kMostBody = 1 << 20;
constexpr std::size_t kMostHead = 8192;
constexpr int kUnacknowledgedMs = 1'500;  // docs/CLUSTER.md: TCP_USER_TIMEOUT of streams

peer_fault fault_of(const error_code& error) noexcept
{
    if (error == asio::error::connection_refused) return peer_fault::refused;
    if (error == asio::error::timed_out) return peer_fault::timed_out;
    if (error.category() == asio::error::get_ssl_category()) return peer_fault::tls;
    if (error.category() == http::make_error_code(http::error::end_of_stream).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return peer_fault::protocol;
    return peer_fault::reset;
}

}  // namespace

std::string_view words_of(peer_fault fault) noexcept
{
    switch (fault) {
    case peer_fault::none: return "answered";
    case peer_fault::refused: return "connection refused";
    case peer_fault::reset: return "connection lost";
    case peer_fault::timed_out: return "no answer";
    case peer_fault::unresolved: return "unknown host";
    case peer_fault::tls: return "TLS failed";
    case peer_fault::protocol: return "not a node's answer";
    }
    return "";
}

std::optional<peer_address> peer_address::parse(std::string_view url)
{
    const auto read = boost::urls::parse_uri(url);
    if (!read.has_value() || read->host().empty() || read->has_userinfo()) return std::nullopt;
    peer_address out;
    out.tls = read->scheme() == "https";
    if (!out.tls && read->scheme() != "http") return std::nullopt;
    out.host = read->host_type() == boost::urls::host_type::ipv6
                   ? std::string(read->host_ipv6_address().to_string())
                   : std::string(read->host());
    out.port = read->has_port() && !read->port().empty() ? std::string(read->port())
                                                         : (out.tls ? "443" : "80");
    return out;
}

bool peer_address::loopback() const
{
    if (host == "localhost") return true;
    error_code bad;
    const auto address = asio::ip::make_address(host, bad);
    return !bad && address.is_loopback();
}

struct peer_connection::state {
    state(executor on, peer_address where, asio::ssl::context* with)
        : to(std::move(where)),
          tls_context(with),
          socket(on),
          resolver(on),
          alarm(on)
    {}

    task<error_code> resolve();
    task<error_code> connect();
    task<error_code> send(const peer_request& what);
    template <class Parser>
    task<error_code> read_head(Parser& into);
    template <class Parser>
    task<error_code> read_body(Parser& into);
    template <class Parser>
    task<error_code> read_some(Parser& into);
    void drop();

    // The socket is closed when the time has come: whatever waits on it then ends.
    class deadline {
    public:
        deadline(state& of, steady_time by) : of_(of)
        {
            of.late = false;
            of.alarm.expires_at(by);
            of.alarm.async_wait([&of](const error_code& cancelled) {
                if (cancelled) return;
                of.late = true;
                of.drop();
            });
        }
        ~deadline() { of_.alarm.cancel(); }
        deadline(const deadline&) = delete;
        deadline& operator=(const deadline&) = delete;

        [[nodiscard]] peer_fault fault(const error_code& error) const
        {
            return of_.late ? peer_fault::timed_out : fault_of(error);
        }

    private:
        state& of_;
    };

    const peer_address to;
    asio::ssl::context* tls_context;
    tcp_socket socket;
    std::optional<tls_stream> tls;
    tcp_resolver resolver;
    timer alarm;
    bool late = false;
    bool connected = false;
    std::vector<tcp::endpoint>
        known;  // of the last lookup: a name server may be away longer than a node
    boost::beast::flat_buffer buffer;
    std::optional<http::response_parser<http::buffer_body>> stream;
};

peer_connection::peer_connection(executor on, peer_address to, asio::ssl::context* tls)
    : state_(std::make_unique<state>(std::move(on), std::move(to), tls))
{}
peer_connection::~peer_connection() = default;

bool peer_connection::is_open() const noexcept
{
    return state_->connected;
}

void peer_connection::close()
{
    state_->drop();
}

void peer_connection::state::drop()
{
    connected = false;
    error_code ignored;
    resolver.cancel();
    socket.close(ignored);
}

task<error_code> peer_connection::state::resolve()
{
    error_code error;
    const auto literal = asio::ip::make_address(to.host, error);
    if (!error) {
        known = {tcp::endpoint(literal, static_cast<std::uint16_t>(std::stoi(to.port)))};
        co_return error;
    }
    error.clear();
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    const auto found = co_await resolver.async_resolve(to.host, to.port, quietly);
    if (error) {
        if (!known.empty()) error.clear();
        co_return error;
    }
    known.clear();
    for (const auto& one : found) known.push_back(one.endpoint());
    co_return error;
}

task<error_code> peer_connection::state::connect()
{
    error_code error;
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    for (const auto& one : known) {
        error_code ignored;
        socket.close(ignored);
        co_await socket.async_connect(one, quietly);
        if (!error || late) break;
    }
    if (error) co_return error;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMs,
                 sizeof kUnacknowledgedMs);
    tls.reset();
    if (to.tls && tls_context != nullptr) {
        tls.emplace(socket, *tls_context);
        SSL_set_tlsext_host_name(tls->native_handle(), to.host.c_str());
        tls->set_verify_callback(asio::ssl::host_name_verification(to.host), ignored);
        co_await tls->async_handshake(asio::ssl::stream_base::client, quietly);
    }
    co_return error;
}

task<peer_fault> peer_connection::open(steady_time by)
{
    auto& s = *state_;
    if (s.connected) co_return peer_fault::none;
    s.drop();
    s.buffer.clear();
    s.stream.reset();
    const state::deadline until(s, by);
    auto error = co_await s.resolve();
    if (error) co_return s.late ? peer_fault::timed_out : peer_fault::unresolved;
    error = co_await s.connect();
    if (error) {
        const auto why = until.fault(error);
        s.drop();
        co_return why;
    }
    s.connected = true;
    co_return peer_fault::none;
}

task<error_code> peer_connection::state::send(const peer_request& what)
{
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(what.method);
    message.target(what.target);
    message.set(http::field::host, to.host.find(':') == std::string::npos
                                       ? to.host + ":" + to.port
                                       : "[" + to.host + "]:" + to.port);
    for (const auto& [name, value] : what.headers) message.set(name, value);
    if (!what.content_type.empty()) message.set(http::field::content_type, what.content_type);
    message.body() = what.body;
    message.prepare_payload();
    error_code error;
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    if (tls)
        co_await http::async_write(*tls, message, quietly);
    else
        co_await http::async_write(socket, message, quietly);
    co_return error;
}

template <class Parser>
task<error_code> peer_connection::state::read_head(Parser& into)
{
    error_code error;
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    if (tls)
        co_await http::async_read_header(*tls, buffer, into, quietly);
    else
        co_await http::async_read_header(socket, buffer, into, quietly);
    co_return error;
}

template <class Parser>
task<error_code> peer_connection::state::read_body(Parser& into)
{
    error_code error;
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    if (tls)
        co_await http::async_read(*tls, buffer, into, quietly);
    else
        co_await http::async_read(socket, buffer, into, quietly);
    co_return error;
}

template <class Parser>
task<error_code> peer_connection::state::read_some(Parser& into)
{
    error_code error;
    use_task_t token;
    auto quietly = asio::redirect_error(token, error);
    if (tls)
        co_await http::async_read_some(*tls, buffer, into, quietly);
    else
        co_await http::async_read_some(socket, buffer, into, quietly);
    co_return error;
}

task<peer_reply> peer_connection::ask(const peer_request& what, steady_time by)
{
    auto& s = *state_;
    peer_reply out;
    const state::deadline until(s, by);
    auto error = co_await s.send(what);
    http::response_parser<http::string_body> answer;
    answer.header_limit(kMostHead);
    answer.body_limit(kMostBody);
    if (!error) error = co_await s.read_body(answer);
    if (error) {
        out.fault = until.fault(error);
        s.drop();
        co_return out;
    }
    out.status = answer.get().result_int();
    if (!answer.get().keep_alive()) s.drop();
    out.body = std::move(answer.get().body());
    co_return out;
}

task<peer_reply> peer_connection::open_stream(const peer_request& what, steady_time by)
{
    auto& s = *state_;
    peer_reply out;
    const state::deadline until(s, by);
    auto error = co_await s.send(what);
    s.stream.emplace();
    s.stream->header_limit(kMostHead);
    s.stream->body_limit(boost::none);
    if (!error) error = co_await s.read_head(*s.stream);
    if (error) {
        out.fault = until.fault(error);
        s.drop();
        co_return out;
    }
    out.status = s.stream->get().result_int();
    if (out.status != 200) s.drop();
    co_return out;
}

task<peer_reply> peer_connection::read_piece(steady_time by)
{
    auto& s = *state_;
    peer_reply out;
    std::array<char, 4096> piece{};
    const state::deadline until(s, by);
    while (s.connected && !s.stream->is_done()) {
        auto& body = s.stream->get().body();
        body.data = piece.data();
        body.size = piece.size();
        const auto error = co_await s.read_some(*s.stream);
        const std::size_t got = piece.size() - body.size;
        if (error && error != http::error::need_buffer) {
            out.fault = until.fault(error);
            s.drop();
            co_return out;
        }
        if (got > 0) {
            out.body.assign(piece.data(), got);
            co_return out;
        }
    }
    out.fault = peer_fault::reset;
    s.drop();
    co_return out;
}

}  // namespace kieng::cluster
