// What a connection has yet to send: text made for it, and large bodies it borrows from the cache, in order. Borrowed bytes
// go from the cache into the socket without being copied together with the heads around them.
//
// The owner of a borrowed body is held until the body has left. Used on one I/O thread.
#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::http {

class out_queue {
public:
    // From this size on borrowing costs less than copying.
    static constexpr std::size_t kBorrowFrom = 4096;

    // Appended to by whoever makes answers; nothing else is done to it.
    [[nodiscard]] std::string& text() noexcept { return text_; }
    // Puts `body` behind all that is here so far. `owner` keeps it alive.
    void append(std::string_view body, std::shared_ptr<const void> owner);

    // Bytes not sent yet.
    [[nodiscard]] std::size_t size() const noexcept { return text_.size() + borrowed_ - sent_; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    // The next bytes to send, until the next call of anything here.
    [[nodiscard]] std::span<const boost::asio::const_buffer> next() noexcept;
    void sent(std::size_t bytes) noexcept { sent_ += bytes; }
    // Forgets all; keeps a moderate amount of memory for the next answers.
    void clear() noexcept;
    // Forgets all and keeps no memory, for connections that stay silent long.
    void release() noexcept;

private:
    struct loan {
        std::size_t at;  // of the text before it
        std::string_view body;
        std::shared_ptr<const void> owner;
    };

    std::string text_;
    std::vector<loan> loans_;
    std::size_t borrowed_ = 0;
    std::size_t sent_ = 0;
    std::array<boost::asio::const_buffer, 16> buffers_;
};

}  // namespace kieng::http
