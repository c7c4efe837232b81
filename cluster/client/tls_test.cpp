// https: the certificate must be of a known authority and for the name that was asked for.
#include "cluster/client/failover_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace kieng::cluster::client {
namespace {

using tcp = asio::ip::tcp;
using socket = asio::basic_stream_socket<tcp, executor>;
using tls_socket = asio::ssl::stream<socket>;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;

// A certificate of its own for "localhost", and its key, in a file each.
struct certificate {
    certificate()
    {
        std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
        X509_set_pubkey(made.get(), key.get());
        X509_NAME* name = X509_get_subject_name(made.get());
        const auto* text = reinterpret_cast<const unsigned char*>("localhost");
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(made.get(), name);
        X509_EXTENSION* names =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
        X509_add_ext(made.get(), names, -1);
        X509_EXTENSION_free(names);
        X509_sign(made.get(), key.get(), EVP_sha256());
        std::FILE* file = std::fopen(cert.c_str(), "w");
        PEM_write_X509(file, made.get());
        std::fclose(file);
        file = std::fopen(secret.c_str(), "w");
        PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
    ~certificate()
    {
        std::remove(cert.c_str());
        std::remove(secret.c_str());
    }
    certificate(const certificate&) = delete;
    certificate& operator=(const certificate&) = delete;

    const std::string cert = "/tmp/kieng-client-tls-" + std::to_string(::getpid()) + ".crt";
    const std::string secret = "/tmp/kieng-client-tls-" + std::to_string(::getpid()) + ".key";
};

struct tls_server {
    tls_server(const executor& where, const certificate& with)
        : accepts(where, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          context(asio::ssl::context::tls_server)
    {
        context.use_certificate_chain_file(with.cert);
        context.use_private_key_file(with.secret, asio::ssl::context::pem);
    }
    [[nodiscard]] std::string port() const
    {
        return std::to_string(accepts.local_endpoint().port());
    }

    acceptor accepts;
    asio::ssl::context context;
    int connections = 0;
    int requests = 0;
};

task<> serve(std::shared_ptr<tls_server> server, std::shared_ptr<tls_socket> with)
{
    boost::system::error_code failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    co_await with->async_handshake(asio::ssl::stream_base::server, token);
    std::string read;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    while (!failed) {
        const std::size_t size =
            co_await asio::async_read_until(*with, asio::dynamic_buffer(read), "\r\n\r\n", token);
        if (failed) break;
        read.erase(0, size);
        ++server->requests;
        co_await asio::async_write(*with, asio::buffer(answer), token);
    }
}

task<> accept(std::shared_ptr<tls_server> server, executor where)
{
    boost::system::error_code failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    while (!failed) {
        auto next = std::make_shared<tls_socket>(socket(where), server->context);
        co_await server->accepts.async_accept(next->next_layer(), token);
        if (failed) break;
        ++server->connections;
        spawn(where, serve(server, next), {});
    }
}

task<> ask_twice(std::shared_ptr<failover_client> client, std::shared_ptr<tls_server> server,
                 std::shared_ptr<std::vector<outcome>> into)
{
    for (int i = 0; i < 2; ++i) {
        outcome came = co_await client->request("POST", "/orders");
        into->push_back(std::move(came));
    }
    client->stop();
    server->accepts.close();
}

struct met {
    std::vector<outcome> outcomes;
    int connections = 0;
    int requests = 0;
};

met talk(const std::string& host, bool trusted)
{
    const certificate with;
    asio::io_context io;
    auto server = std::make_shared<tls_server>(io.get_executor(), with);
    client_options how;
    how.servers = {{.id = "a", .url = "https://" + host + ":" + server->port()}};
    how.views = view_source::off;
    how.probes = false;
    if (trusted) how.ca_file = with.cert;
    how.jitter = [] { return 0.0; };
    auto client = std::make_shared<failover_client>(io.get_executor(), how);
    auto outcomes = std::make_shared<std::vector<outcome>>();
    spawn(io.get_executor(), accept(server, io.get_executor()), {});
    spawn(io.get_executor(), ask_twice(client, server, outcomes), {});
    io.run_for(std::chrono::seconds(30));
    return {std::move(*outcomes), server->connections, server->requests};
}

}  // namespace

TEST_CASE("https to a server of a known authority answers, twice over one connection")
{
    const met seen = talk("localhost", true);
    REQUIRE(seen.outcomes.size() == 2);
    CHECK(seen.outcomes[0].ok);
    CHECK(seen.outcomes[1].reply.body == "hi");
    CHECK(seen.connections == 1);
    CHECK(seen.requests == 2);
}

TEST_CASE("an unknown authority is told no request, and nothing happened")
{
    const met seen = talk("localhost", false);
    REQUIRE(seen.outcomes.size() == 2);
    CHECK(seen.outcomes[0].code == "unreachable");
    CHECK(seen.outcomes[0].effect == committed::no);
    CHECK(seen.requests == 0);
}

TEST_CASE("a certificate for another name is refused")
{
    const met seen = talk("127.0.0.1", true);
    REQUIRE(seen.outcomes.size() == 2);
    CHECK(seen.outcomes[0].code == "unreachable");
    CHECK(seen.requests == 0);
}

}  // namespace kieng::cluster::client
