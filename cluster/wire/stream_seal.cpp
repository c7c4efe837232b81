#include "cluster/wire/stream_seal.hpp"

#include "base/encoding.hpp"
#include "cluster/wire/base36.hpp"

#include <limits>
#include <utility>

namespace kieng::cluster::wire {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kMacLetters = 22;

std::string mac_of(std::string_view key, std::string_view counted_line)
{
    return to_base64url(as_text(hmac_sha256(key, counted_line)).substr(0, kMacBytes));
}

}  // namespace

stream_keys make_stream_keys(std::string_view secret, const stream_names& names)
{
    const auto key = [&](std::string_view purpose) {
        return derive_key(secret, purpose,
                          {names.opener, names.acceptor, names.opener_boot, names.acceptor_boot,
                           names.opener_nonce, names.acceptor_nonce});
    };
    return {key("kieng peer stream 1 to acceptor"), key("kieng peer stream 1 to opener")};
}

std::string line_sealer::seal(std::string_view line)
{
    std::string out;
    append_base36(out, ++counter_);
    (out += ' ') += line;
    const auto mac = mac_of(key_, out);
    return out += ' ' + mac + '\n';
}

std::optional<std::string_view> line_opener::open(std::string_view sealed)
{
    const bool was_broken = std::exchange(broken_, true);
    const auto counter_end = sealed.find(' ');
    if (was_broken || sealed.size() >= kLongestSealedLine || counter_end == sealed.npos ||
        sealed.size() < counter_end + 1 + 1 + kMacLetters)
        return std::nullopt;
    const auto counted = sealed.substr(0, sealed.size() - kMacLetters - 1);
    const auto counter =
        read_base36(sealed.substr(0, counter_end), std::numeric_limits<std::uint64_t>::max());
    if (counter != counter_ + 1 || sealed[counted.size()] != ' ') return std::nullopt;
    if (!equal_in_constant_time(mac_of(key_, counted), sealed.substr(counted.size() + 1)))
        return std::nullopt;
    broken_ = false;
    ++counter_;
    return counted.substr(counter_end + 1);
}

}  // namespace kieng::cluster::wire
