// One HTTP/1.1 connection to one node, plain or TLS: opens, sends one request, reads one answer, is kept for the next.
//
// Used by one coroutine at a time on one io_context; close() may be called there at any time and ends what is under way with
// an error. Framing is Beast's, with limits; interim answers (1xx) are skipped.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "cluster/client/answer.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::client {

// Where a node listens.
struct endpoint {
    std::string host;
    std::string port;
    bool tls = false;
    std::string authority;  // for Host

    // Throws std::invalid_argument for what is not http(s)://host[:port].
    [[nodiscard]] static endpoint of(const std::string& url);
};

struct read_limits {
    std::size_t header = std::size_t{16} * 1024;
    std::size_t body = std::size_t{64} * 1024 * 1024;
};

class connection : public std::enable_shared_from_this<connection> {
public:
    using error = boost::system::error_code;
    using socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

    connection(const executor& where, endpoint to, std::shared_ptr<asio::ssl::context> tls);

    task<error> open();
    // Whether the other side has not closed it or sent something unasked.
    [[nodiscard]] bool usable();

    task<error> write(std::string head, std::string_view body);
    struct head_read {
        error failed;
        int status = 0;
    };
    task<head_read> read_head(bool body_expected, read_limits limits);
    // After read_head: the rest. `progress` is called whenever something came.
    task<error> read_body(answer& into, std::function<void()> progress);
    // After read_head: hands over what comes, as it comes, for an answer that lasts. Ends with it, or when `piece` says false.
    task<error> read_pieces(std::function<bool(std::string_view)> piece);
    [[nodiscard]] bool reusable() const noexcept { return reusable_; }

    // Calls `expired(late by)` once and closes, unless called again before; a zero time only stops the watch.
    void watch(milliseconds time, const clock& now, std::function<void(milliseconds)> expired);
    void close();

    steady_time idle_since;  // kept by the pool

private:
    struct exchange;
    template <class Stream>
    task<error> read_head_on(Stream& stream);
    template <class Stream>
    task<error> read_body_on(Stream& stream, std::function<void()> progress);
    template <class Stream>
    task<error> read_pieces_on(Stream& stream, std::function<bool(std::string_view)> piece);
    task<error> connect();

    endpoint to_;
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<socket> stream_;
    asio::ip::basic_resolver<asio::ip::tcp, executor> resolver_;
    timer watch_;
    std::uint64_t watches_ = 0;
    boost::beast::flat_buffer buffer_;
    std::shared_ptr<exchange> exchange_;
    bool closed_ = false;
    bool reusable_ = false;
};

// The context for https: verifies names and certificates against the system's authorities, or `ca_file`.
[[nodiscard]] std::shared_ptr<asio::ssl::context> client_tls(const std::string& ca_file);

}  // namespace kieng::cluster::client
