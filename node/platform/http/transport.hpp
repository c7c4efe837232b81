// The bytes of one connection, plain or under TLS. Used on one I/O thread only, one read and one write at a time.
#pragma once

#include "base/async.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <span>
#include <string>
#include <tuple>

namespace kieng::http {

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

class transport {
public:
    using io_result = std::tuple<boost::system::error_code, std::size_t>;

    virtual ~transport() = default;
    // Negotiates TLS; does nothing on plain connections. False: give the connection up.
    virtual task<bool> open() = 0;
    virtual task<io_result> read_some(asio::mutable_buffer into) = 0;
    virtual task<io_result> write_some(std::span<const asio::const_buffer> pieces) = 0;
    // Sends what goes out at once without waiting; how many bytes did.
    virtual std::size_t try_write(std::span<const asio::const_buffer> pieces) noexcept = 0;
    // Says that nothing more will be sent (FIN, under TLS close_notify before it).
    virtual task<> end_sending() = 0;
    // Makes a pending operation end with an error; the connection can still be used.
    virtual void cancel() noexcept = 0;
    virtual void close() noexcept = 0;
    // Whether the peer has closed or reset; looks without reading.
    [[nodiscard]] virtual bool peer_left() noexcept = 0;
    [[nodiscard]] virtual bool secure() const noexcept = 0;
};

[[nodiscard]] std::unique_ptr<transport> make_plain_transport(tcp_socket socket);
[[nodiscard]] std::unique_ptr<transport> make_tls_transport(
    tcp_socket socket, std::shared_ptr<asio::ssl::context> context);

// A server context of TLS 1.2 and later for this certificate chain and key (PEM files).
// Throws std::runtime_error that names the file at fault.
[[nodiscard]] std::shared_ptr<asio::ssl::context> make_tls_context(const std::string& cert,
                                                                   const std::string& key);

}  // namespace kieng::http
