#include "node/platform/http/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace kieng::http {
namespace {

constexpr std::size_t kMostPieces = 16;

class plain_transport final : public transport {
public:
    explicit plain_transport(tcp_socket socket) : socket_(std::move(socket)) {}

    task<bool> open() override { co_return true; }

    task<io_result> read_some(asio::mutable_buffer into) override
    {
        return socket_.async_read_some(into, asio::as_tuple(use_task_t()));
    }

    task<io_result> write_some(std::span<const asio::const_buffer> pieces) override
    {
        return socket_.async_write_some(pieces, asio::as_tuple(use_task_t()));
    }

    std::size_t try_write(std::span<const asio::const_buffer> pieces) noexcept override
    {
        constexpr int how = MSG_DONTWAIT | MSG_NOSIGNAL;
        const auto socket = socket_.native_handle();
        ssize_t sent = 0;
        if (pieces.size() == 1) {
            sent = ::send(socket, pieces.front().data(), pieces.front().size(), how);
        } else {
            std::array<iovec, kMostPieces> list{};
            const auto count = std::min(pieces.size(), list.size());
            for (std::size_t i = 0; i < count; ++i)
                list[i] = {const_cast<void*>(pieces[i].data()), pieces[i].size()};
            msghdr message{};
            message.msg_iov = list.data();
            message.msg_iovlen = count;
            sent = ::sendmsg(socket, &message, how);
        }
        return sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }

    task<> end_sending() override
    {
        boost::system::error_code ignored;
        socket_.shutdown(asio::socket_base::shutdown_send, ignored);
        co_return;
    }

    void cancel() noexcept override
    {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

    void close() noexcept override
    {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    bool peer_left() noexcept override
    {
        char byte = 0;
        const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    }

    bool secure() const noexcept override { return false; }

private:
    tcp_socket socket_;
};

}  // namespace

std::unique_ptr<transport> make_plain_transport(tcp_socket socket)
{
    return std::make_unique<plain_transport>(std::move(socket));
}

}  // namespace kieng::http
