// Two nodes and a request between them, for the tests of peer signatures.
#pragma once

#include "cluster/wire/peer_signature.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::cluster::wire::testing {

inline const std::string kSecret = "the secret of the cluster, 32 bytes at least";
inline const std::string kOld = "the secret the cluster had before this one..";
inline constexpr std::string_view kTarget = "/api/sync/receive?from=server-a";
inline constexpr std::string_view kType = "application/json";
inline constexpr std::string_view kBody = R"({"incarnation":7})";

// A request on its way, as whoever sits on the way may change it.
struct message {
    std::string method = "POST";
    std::string target = std::string(kTarget);
    std::string body = std::string(kBody);
    std::vector<header_pair> fields;

    std::string& operator[](std::string_view name)
    {
        for (auto& [held, value] : fields)
            if (held == name) return value;
        fields.emplace_back(std::string(name), "");
        return fields.back().second;
    }
    void erase(std::string_view name)
    {
        std::erase_if(fields, [&](const auto& one) { return one.first == name; });
    }
};

struct pair_of_nodes {
    manual_clock time;
    seeded_random bits{1};
    peer_secrets secrets{kSecret};
    peer_verifier at_b{secrets, "server-b", time};

    pair_of_nodes()
    {
        at_b.know({"server-a", "server-c"});
        time.advance(std::chrono::hours(1));
    }

    message sign(const peer_secrets& with, const kieng::clock& sender_clock,
                 std::string self = "server-a", std::string to = "server-b",
                 std::int64_t incarnation = 7)
    {
        message out;
        const peer_signer signer(with, std::move(self), sender_clock, bits);
        out.fields = signer.sign({out.method, out.target, to, incarnation, kType, out.body});
        out.fields.emplace_back("Content-Type", std::string(kType));
        return out;
    }
    message sign() { return sign(secrets, time); }

    peer_check check(const message& what, bool strangers = false, bool opens_stream = false)
    {
        return at_b.check({what.method, what.target, what.fields, strangers, opens_stream});
    }
};

}  // namespace kieng::cluster::wire::testing
