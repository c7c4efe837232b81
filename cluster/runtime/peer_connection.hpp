// One HTTP/1.1 connection to another node, kept alive: asks and reads answers whole, or opens a stream and reads it piece by
// piece. Every call is bounded by a time on the steady clock; after any error the connection is closed and the next open()
// starts afresh.
//
// Used by one coroutine at a time on one io_context; close() may be called there at any time and ends what is under way.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::cluster {

// Where a node is reached: the parts of "https://host:port".
struct peer_address {
    std::string host, port;
    bool tls = false;

    // Nothing for a text that is no http(s) address of a host.
    [[nodiscard]] static std::optional<peer_address> parse(std::string_view url);
    [[nodiscard]] bool loopback() const;
};

// What became of an attempt to reach a peer. `refused` is evidence that nobody listens; the others tell nothing of the process.
enum class peer_fault : std::uint8_t {
    none = 0,
    refused,
    reset,
    timed_out,
    unresolved,
    tls,
    protocol
};
[[nodiscard]] std::string_view words_of(peer_fault fault) noexcept;

struct peer_request {
    std::string method, target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string content_type, body;
};

struct peer_reply {
    peer_fault fault = peer_fault::none;
    int status = 0;
    std::string body;
};

class peer_connection {
public:
    // `tls`: for https addresses, must outlive the connection; null where there are none.
    peer_connection(executor on, peer_address to, asio::ssl::context* tls);
    ~peer_connection();
    peer_connection(const peer_connection&) = delete;
    peer_connection& operator=(const peer_connection&) = delete;

    // Connects where it is not yet. A connection that an answer of `Connection: close` ended counts as closed.
    task<peer_fault> open(steady_time by);
    [[nodiscard]] bool is_open() const noexcept;
    void close();

    // Sends and reads the whole answer, at most 1 MiB of body.
    task<peer_reply> ask(const peer_request& what, steady_time by);

    // Sends, and reads the head of the answer alone; on 200 the body follows by read_piece().
    task<peer_reply> open_stream(const peer_request& what, steady_time by);
    // The next bytes of the stream, or the reason why there are no more (`reset` for an orderly end, too).
    task<peer_reply> read_piece(steady_time by);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::cluster
