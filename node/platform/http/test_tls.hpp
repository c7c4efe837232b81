// A certificate made for the moment and a blocking TLS client. For this folder's tests.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kieng::http::test {

class certificate_files {
public:
    certificate_files();
    ~certificate_files();
    certificate_files(const certificate_files&) = delete;
    certificate_files& operator=(const certificate_files&) = delete;
    [[nodiscard]] std::string cert() const { return folder_ + "/cert.pem"; }
    [[nodiscard]] std::string key() const { return folder_ + "/key.pem"; }

private:
    std::string folder_;
};

class tls_client {
public:
    explicit tls_client(std::uint16_t port, int max_version = TLS1_3_VERSION);
    ~tls_client();
    tls_client(const tls_client&) = delete;
    tls_client& operator=(const tls_client&) = delete;
    [[nodiscard]] bool connected() const noexcept { return connected_; }
    [[nodiscard]] std::string protocol() const;
    // Sends, then reads until the text ends with `until`, or to the end if that is empty.
    std::string exchange(std::string_view bytes, std::string_view until);
    [[nodiscard]] bool closed_cleanly() const noexcept { return clean_; }

private:
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    int socket_ = -1;
    bool connected_ = false;
    bool clean_ = false;
};

}  // namespace kieng::http::test
