#include "node/platform/http/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <string>

namespace kieng::http {
namespace {

class tls_transport final : public transport {
public:
    tls_transport(tcp_socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)),
          stream_(std::move(socket), *context_)
    {}

    task<bool> open() override
    {
        const auto token = asio::as_tuple(use_task_t());
        const auto [error] =
            co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
        co_return !error;
    }

    task<io_result> read_some(asio::mutable_buffer into) override
    {
        return stream_.async_read_some(into, asio::as_tuple(use_task_t()));
    }

    task<io_result> write_some(std::span<const asio::const_buffer> pieces) override
    {
        return stream_.async_write_some(pieces, asio::as_tuple(use_task_t()));
    }

    std::size_t try_write(std::span<const asio::const_buffer>) noexcept override { return 0; }

    task<> end_sending() override
    {
        const auto token = asio::as_tuple(use_task_t());
        co_await stream_.async_shutdown(token);
        boost::system::error_code ignored;
        stream_.next_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    }

    void cancel() noexcept override
    {
        boost::system::error_code ignored;
        stream_.next_layer().cancel(ignored);
    }

    void close() noexcept override
    {
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

    bool peer_left() noexcept override
    {
        char byte = 0;
        const auto n =
            ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    }

    bool secure() const noexcept override { return true; }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<tcp_socket> stream_;
};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*)
{
    static constexpr std::array<unsigned char, 9> kHttp11{8,   'h', 't', 't', 'p',
                                                          '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int found =
        SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), in, in_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::unique_ptr<transport> make_tls_transport(tcp_socket socket,
                                              std::shared_ptr<asio::ssl::context> context)
{
    return std::make_unique<tls_transport>(std::move(socket), std::move(context));
}

std::shared_ptr<asio::ssl::context> make_tls_context(const std::string& cert,
                                                     const std::string& key)
{
    auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    boost::system::error_code error;
    made->use_certificate_chain_file(cert, error);
    if (error)
        throw std::runtime_error("TLS_CERT cannot be used: " + cert + ": " + error.message());
    made->use_private_key_file(key, asio::ssl::context::pem, error);
    if (error) throw std::runtime_error("TLS_KEY cannot be used: " + key + ": " + error.message());
    auto* native = made->native_handle();
    if (SSL_CTX_check_private_key(native) != 1)
        throw std::runtime_error("TLS_KEY does not belong to TLS_CERT: " + key);
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    return made;
}

}  // namespace kieng::http
