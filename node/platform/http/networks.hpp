// Addresses and ranges of them: which peers are trusted proxies, who the client behind them is. Immutable, thread safe.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::http {

class networks {
public:
    // "10.0.0.0/8", "::1", ... Throws std::invalid_argument for text that is neither address nor range.
    explicit networks(const std::vector<std::string>& ranges);

    [[nodiscard]] bool contains(const boost::asio::ip::address& address) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    // The client of a request that came from `peer` with this X-Forwarded-For: the last address that is no trusted proxy.
    [[nodiscard]] boost::asio::ip::address client(const boost::asio::ip::address& peer,
                                                  std::string_view forwarded_for) const;

private:
    struct range {
        boost::asio::ip::address_v6::bytes_type base;  // IPv4 as mapped addresses
        unsigned bits;
    };
    std::vector<range> ranges_;
};

// IPv4-mapped IPv6 addresses as IPv4.
[[nodiscard]] boost::asio::ip::address plain(const boost::asio::ip::address& address);
// What one client has to itself: an IPv4 address, or the /64 of an IPv6 address.
[[nodiscard]] std::string client_key(const boost::asio::ip::address& address);

}  // namespace kieng::http
