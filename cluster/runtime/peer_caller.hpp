// Signed requests to one peer over one connection that is kept. One request at a time; on one io_context.
#pragma once

#include "cluster/runtime/peer_connection.hpp"
#include "cluster/wire/peer_signature.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace kieng::cluster {

// What all calls to peers share; must outlive the callers.
struct peer_calls {
    const wire::peer_signer& signer;
    std::function<std::int64_t()> incarnation;
    asio::ssl::context* tls = nullptr;  // for https addresses
};

class peer_caller {
public:
    peer_caller(executor on, std::string id, peer_address to, const peer_calls& how);

    // Connects if need be. A kept connection that turns out to be gone is replaced once, with a new signature.
    task<peer_reply> post(std::string target, std::string json, steady_time by);
    // Connects anew and opens a stream; what follows is read from connection(). The nonce that was signed comes back in `nonce`.
    task<peer_reply> open_stream(std::string target, std::string& nonce, steady_time by);

    [[nodiscard]] peer_connection& connection() noexcept { return connection_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }

private:
    [[nodiscard]] peer_request sign(std::string_view method, const std::string& target,
                                    std::string body) const;

    const std::string id_;
    const peer_calls& how_;
    peer_connection connection_;
};

}  // namespace kieng::cluster
