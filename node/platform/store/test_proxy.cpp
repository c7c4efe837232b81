#include "node/platform/store/test_proxy.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace kieng::store::testing {
namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out.sin_port = htons(port);
    return out;
}

bool send_all(int to, const std::string& bytes)
{
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto sent = ::send(to, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += static_cast<std::size_t>(sent);
    }
    return true;
}

// False at the end of the conversation.
bool receive(int from, std::string& out)
{
    char bytes[16384];
    const auto got = ::recv(from, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    out.assign(bytes, static_cast<std::size_t>(got));
    return true;
}

}  // namespace

test_proxy::test_proxy(std::string host, std::string port)
    : to_host_(std::move(host)),
      to_port_(std::move(port))
{
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
        ::listen(listener_, 64) != 0)
        throw std::runtime_error("the proxy cannot listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = std::to_string(ntohs(at.sin_port));
    acceptor_ = std::thread([this] { accept_all(); });
}

test_proxy::~test_proxy()
{
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& one : threads_) one.join();
}

void test_proxy::accept_all()
{
    while (!stopping_) {
        const int client = ::accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        if (closed_) {
            ::close(client);
            continue;
        }
        const std::lock_guard lock(mutex_);
        threads_.emplace_back([this, client] { serve(client); });
    }
}

void test_proxy::serve(int client)
{
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto at = loopback(static_cast<std::uint16_t>(std::stoi(to_port_)));
    bool going = ::connect(server, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    std::string bytes;
    while (going && !stopping_ && !closed_) {
        pollfd both[2]{{client, POLLIN, 0}, {server, POLLIN, 0}};
        ::poll(both, 2, 20);
        if (both[1].revents != 0) going = receive(server, bytes) && send_all(client, bytes);
        if (going && both[0].revents != 0) going = receive(client, bytes) && forward(server, bytes);
    }
    ::close(server);
    ::close(client);
}

bool test_proxy::forward(int server, const std::string& bytes)
{
    if (bytes.find("; COMMIT") == std::string::npos) return send_all(server, bytes);
    switch (next_.exchange(cut::nothing)) {
    case cut::nothing: return send_all(server, bytes);
    case cut::before_commit: ++cuts_; return false;
    case cut::after_commit_for_good: closed_ = true; [[fallthrough]];
    case cut::after_commit:
        ++cuts_;
        // Its answer has come when the server has something to say.
        if (std::string answer; send_all(server, bytes)) receive(server, answer);
        return false;
    }
    return false;
}

}  // namespace kieng::store::testing
