#include "node/platform/http/test_tls.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace kieng::http::test {

certificate_files::certificate_files()
{
    char name[] = "/tmp/kieng-tls-XXXXXX";
    folder_ = ::mkdtemp(name);
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    X509* made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, pair);
    auto* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    X509_sign(made, pair, EVP_sha256());
    if (auto* file = std::fopen(cert().c_str(), "w")) {
        PEM_write_X509(file, made);
        std::fclose(file);
    }
    if (auto* file = std::fopen(key().c_str(), "w")) {
        PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
    X509_free(made);
    EVP_PKEY_free(pair);
}

certificate_files::~certificate_files()
{
    std::filesystem::remove_all(folder_);
}

tls_client::tls_client(std::uint16_t port, int max_version)
    : context_(SSL_CTX_new(TLS_client_method()))
{
    SSL_CTX_set_min_proto_version(context_,
                                  max_version < TLS1_2_VERSION ? max_version : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context_, max_version);
    static constexpr std::array<unsigned char, 12> kOffer{2,   'h', '2', 8,   'h', 't',
                                                          't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context_, kOffer.data(), kOffer.size());
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ssl_ = SSL_new(context_);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return;
    SSL_set_fd(ssl_, socket_);
    connected_ = SSL_connect(ssl_) == 1;
}

tls_client::~tls_client()
{
    if (connected_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(socket_);
}

std::string tls_client::protocol() const
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string tls_client::exchange(std::string_view bytes, std::string_view until)
{
    std::string text;
    if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) return text;
    char piece[16384];
    while (until.empty() || !text.ends_with(until)) {
        const int got = SSL_read(ssl_, piece, sizeof piece);
        if (got <= 0) {
            clean_ = SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN;
            break;
        }
        text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace kieng::http::test
