#include "node/platform/http/networks.hpp"

#include "node/platform/http/characters.hpp"

#include <charconv>
#include <stdexcept>

namespace kieng::http {

namespace ip = boost::asio::ip;

namespace {

ip::address_v6::bytes_type bytes_of(const ip::address& address)
{
    if (address.is_v6()) return address.to_v6().to_bytes();
    return ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

// An address as proxies write it: "1.2.3.4", "1.2.3.4:5678", "[::1]:5678", "::1".
std::optional<ip::address> read_address(std::string_view text)
{
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        text = close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos && text.find('.') < colon) {
        text = text.substr(0, colon);
    }
    boost::system::error_code error;
    const auto address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    return plain(address);
}

}  // namespace

ip::address plain(const ip::address& address)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

std::string client_key(const ip::address& address)
{
    if (address.is_v4()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = 0;
    return ip::address_v6(bytes).to_string();
}

networks::networks(const std::vector<std::string>& ranges)
{
    for (const auto& text : ranges) {
        const auto slash = text.find('/');
        boost::system::error_code error;
        const auto base = plain(ip::make_address(text.substr(0, slash), error));
        unsigned bits = base.is_v4() ? 32 : 128;
        bool sound = !error;
        if (slash != std::string::npos) {
            const auto* end = text.data() + text.size();
            const unsigned most = bits;
            const auto read = std::from_chars(text.data() + slash + 1, end, bits);
            sound = sound && read.ec == std::errc() && read.ptr == end && bits <= most;
        }
        if (!sound) throw std::invalid_argument("not an address or range: " + text);
        ranges_.push_back({bytes_of(base), base.is_v4() ? bits + 96 : bits});
    }
}

bool networks::contains(const ip::address& address) const noexcept
{
    if (ranges_.empty()) return false;
    const auto bytes = bytes_of(address);
    for (const auto& r : ranges_) {
        bool same = true;
        for (unsigned bit = 0; same && bit < r.bits; bit += 8) {
            const unsigned left = r.bits - bit;
            const auto mask = static_cast<unsigned char>(left >= 8 ? 0xFF : 0xFF << (8 - left));
            same = ((bytes[bit / 8] ^ r.base[bit / 8]) & mask) == 0;
        }
        if (same) return true;
    }
    return false;
}

ip::address networks::client(const ip::address& peer, std::string_view forwarded_for) const
{
    auto found = peer;
    while (!forwarded_for.empty() && contains(found)) {
        const auto comma = forwarded_for.rfind(',');
        const auto last =
            trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
        forwarded_for =
            comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
        const auto address = read_address(last);
        if (!address) break;
        found = *address;
    }
    return found;
}

}  // namespace kieng::http
