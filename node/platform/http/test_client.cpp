#include "node/platform/http/characters.hpp"
#include "node/platform/http/test_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>

namespace kieng::http::test {

client::client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect");
}

client::~client()
{
    if (socket_ >= 0) ::close(socket_);
}

bool client::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void client::end_sending()
{
    ::shutdown(socket_, SHUT_WR);
}

bool client::more()
{
    char bytes[16384];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    rest_.append(bytes, static_cast<std::size_t>(got));
    return true;
}

bool client::closed()
{
    char bytes[16384];
    for (;;) {
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got == 0) return true;
        if (got < 0) return errno == ECONNRESET;
    }
}

std::string client::read_all()
{
    while (more()) {
    }
    return std::move(rest_);
}

reply client::read(bool head_only)
{
    reply made;
    std::size_t end = 0;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos)
        if (!more()) return made;
    std::string_view lines = std::string_view(rest_).substr(0, end + 2);
    if (lines.size() > 12) made.status = std::atoi(lines.data() + 9);
    lines.remove_prefix(lines.find("\r\n") + 2);
    while (!lines.empty()) {
        const auto stop = lines.find("\r\n");
        const auto colon = lines.find(':');
        std::string name(lines.substr(0, colon));
        for (auto& c : name) c = to_lower(c);
        auto& value = made.headers[name];
        if (!value.empty()) value += '\n';
        value += trim(lines.substr(colon + 1, stop - colon - 1));
        lines.remove_prefix(stop + 2);
    }
    rest_.erase(0, end + 4);
    made.complete = true;
    if (head_only || made.status == 304 || made.status == 204 || made.status == 100) return made;
    if (made.header("transfer-encoding") == "chunked") {
        made.complete = false;
        for (;;) {
            std::size_t eol = 0;
            while ((eol = rest_.find("\r\n")) == std::string::npos)
                if (!more()) return made;
            const auto size = std::stoul(rest_.substr(0, eol), nullptr, 16);
            while (rest_.size() < eol + 2 + size + 2)
                if (!more()) return made;
            made.body += rest_.substr(eol + 2, size);
            rest_.erase(0, eol + 2 + size + 2);
            if (size == 0) break;
        }
        made.complete = true;
        return made;
    }
    const auto length = made.header("content-length");
    if (length.empty()) {
        made.body = read_all();
        return made;
    }
    const auto size = std::stoul(length);
    while (rest_.size() < size) {
        if (!more()) {
            made.complete = false;
            return made;
        }
    }
    made.body = rest_.substr(0, size);
    rest_.erase(0, size);
    return made;
}

}  // namespace kieng::http::test
