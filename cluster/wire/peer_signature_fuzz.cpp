// Whatever headers come with a peer request, reading them ends, signatures have one spelling, and none counts that was not made with the secret.
#include "cluster/wire/peer_signature.hpp"

#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view kNames[] = {"Kieng-Peer",      "Kieng-To",    "Kieng-Incarnation",
                                       "Kieng-Timestamp", "Kieng-Nonce", "Content-Digest",
                                       "Kieng-Signature", "Content-Type"};

// A line per header: all of ours in this order, further lines as "name:value".
std::vector<kieng::cluster::wire::header_pair> headers_of(std::string_view text)
{
    std::vector<kieng::cluster::wire::header_pair> out;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
        const auto colon = line.find(':');
        if (out.size() < std::size(kNames))
            out.emplace_back(kNames[out.size()], line);
        else if (colon != line.npos)
            out.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::cluster::wire;
    static const kieng::manual_clock time;
    static const peer_secrets secrets(std::string(32, 's'), std::string(32, 'o'));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto signatures = read_signatures(text);
    if (!signatures.empty() && write_signatures(signatures) != text) std::abort();
    if (is_content_digest(text) && text.find('\n') != text.npos) std::abort();

    const auto headers = headers_of(text);
    peer_headers read;
    if (!read_peer_headers(headers, read) && read.signatures.empty()) std::abort();
    peer_verifier verifier(secrets, "b", time);
    verifier.know({"a"});
    if (verifier.check({"POST", "/x", headers, true, true}).ok()) std::abort();
    return 0;
}
