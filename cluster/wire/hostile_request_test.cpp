// What an enemy between the nodes, or a node gone mad, could send: about a hundred ways, by kind.
#include "base/encoding.hpp"
#include "cluster/wire/testing.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace kieng;
using namespace kieng::cluster::wire;
using namespace kieng::cluster::wire::testing;
using namespace std::chrono_literals;

namespace {

using pr = peer_refusal;
using change = std::function<void(message&, pair_of_nodes&)>;

struct attack {
    const char* name;
    peer_refusal why;
    change make;
};
using attacks = std::vector<attack>;

change set(std::string name, std::string value)
{
    return [=](message& m, pair_of_nodes&) { m[name] = value; };
}

change drop(std::string name)
{
    return [=](message& m, pair_of_nodes&) { m.erase(name); };
}

change twice(std::string name)
{
    return [=](message& m, pair_of_nodes&) { m.fields.emplace_back(name, m[name]); };
}

const std::string kZeroSignature = "k2=" + to_base64url(std::string(32, '\0'));

attacks unsigned_ones()
{
    return {
        {"unsigned", pr::missing_header, [](message& m, pair_of_nodes&) { m.fields.clear(); }},
        {"no sender", pr::missing_header, drop("Kieng-Peer")},
        {"no receiver", pr::missing_header, drop("Kieng-To")},
        {"no incarnation", pr::missing_header, drop("Kieng-Incarnation")},
        {"no timestamp", pr::missing_header, drop("Kieng-Timestamp")},
        {"no nonce", pr::missing_header, drop("Kieng-Nonce")},
        {"no digest", pr::missing_header, drop("Content-Digest")},
        {"no signature", pr::missing_header, drop("Kieng-Signature")},
    };
}

attacks doubled()
{
    return {
        {"two senders", pr::repeated_header, twice("Kieng-Peer")},
        {"two receivers", pr::repeated_header, twice("Kieng-To")},
        {"two incarnations", pr::repeated_header, twice("Kieng-Incarnation")},
        {"two timestamps", pr::repeated_header, twice("Kieng-Timestamp")},
        {"two nonces", pr::repeated_header, twice("Kieng-Nonce")},
        {"two digests", pr::repeated_header, twice("Content-Digest")},
        {"two signature headers", pr::repeated_header, twice("Kieng-Signature")},
        {"two content types", pr::repeated_header, twice("Content-Type")},
        {"two signatures in another case", pr::repeated_header,
         [](message& m, pair_of_nodes&) {
             m.fields.emplace_back("KIENG-SIGNATURE", m["Kieng-Signature"]);
         }},
    };
}

attacks malformed()
{
    return {
        {"empty sender", pr::malformed_header, set("Kieng-Peer", "")},
        {"sender with a space", pr::malformed_header, set("Kieng-Peer", "server a")},
        {"sender with a line feed", pr::malformed_header, set("Kieng-Peer", "server-a\nserver-b")},
        {"sender that is too long", pr::malformed_header, set("Kieng-Peer", std::string(33, 'a'))},
        {"empty receiver", pr::malformed_header, set("Kieng-To", "")},
        {"a list of receivers", pr::malformed_header, set("Kieng-To", "server-b, server-c")},
        {"any receiver", pr::malformed_header, set("Kieng-To", "*")},
        {"negative incarnation", pr::malformed_header, set("Kieng-Incarnation", "-7")},
        {"incarnation with a leading zero", pr::malformed_header, set("Kieng-Incarnation", "07")},
        {"incarnation with a plus", pr::malformed_header, set("Kieng-Incarnation", "+7")},
        {"incarnation out of range", pr::malformed_header,
         set("Kieng-Incarnation", "9223372036854775808")},
        {"empty timestamp", pr::malformed_header, set("Kieng-Timestamp", "")},
        {"timestamp as a date", pr::malformed_header,
         set("Kieng-Timestamp", "2026-11-20T09:00:00Z")},
        {"negative timestamp", pr::malformed_header, set("Kieng-Timestamp", "-1")},
        {"timestamp in hex", pr::malformed_header, set("Kieng-Timestamp", "0x1A")},
        {"timestamp with a fraction", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Timestamp"] += ".5"; }},
        {"timestamp with a space", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Timestamp"] += " "; }},
        {"timestamp out of range", pr::malformed_header,
         set("Kieng-Timestamp", std::string(30, '9'))},
        {"empty nonce", pr::malformed_header, set("Kieng-Nonce", "")},
        {"short nonce", pr::malformed_header, set("Kieng-Nonce", "AAAA")},
        {"long nonce", pr::malformed_header, set("Kieng-Nonce", std::string(2'000, 'A'))},
        {"nonce in foreign characters", pr::malformed_header,
         set("Kieng-Nonce", "AAAAAAAAAAAAAAAAAAAA+/")},
        {"nonce with spare bits", pr::malformed_header,
         set("Kieng-Nonce", "AAAAAAAAAAAAAAAAAAAAAB")},
        {"empty digest", pr::malformed_header, set("Content-Digest", "")},
        {"weak digest", pr::malformed_header,
         set("Content-Digest", "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:")},
        {"two digests in one", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Content-Digest"] += ", sha-512=:AAAA:"; }},
        {"digest without its colons", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Content-Digest"].pop_back(); }},
        {"content type with a line feed", pr::malformed_header,
         set("Content-Type", "application/json\nX")},
        {"content type that is too long", pr::malformed_header,
         set("Content-Type", std::string(201, 'x'))},
        {"empty signature", pr::malformed_header, set("Kieng-Signature", "")},
        {"signature without a label", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"].erase(0, 3); }},
        {"signature of the previous secret alone", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"][1] = '1'; }},
        {"the same label twice", pr::malformed_header,
         [](message& m, pair_of_nodes&) {
             m["Kieng-Signature"] += "," + std::string(m["Kieng-Signature"]);
         }},
        {"a third signature", pr::malformed_header,
         [](message& m, pair_of_nodes&) {
             const auto one = m["Kieng-Signature"].substr(3);
             m["Kieng-Signature"] = "k2=" + one + ",k1=" + one + ",k0=" + one;
         }},
        {"signature with a space", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"].insert(3, " "); }},
        {"signature cut short", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"].resize(25); }},
        {"signature in padded base64", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"] += "="; }},
        {"signature header of 64 KiB", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m["Kieng-Signature"].append(65'536, ','); }},
        {"method with a line feed", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m.method = "POST\n/"; }},
        {"target with a line feed", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m.target += "\n"; }},
        {"target without a slash", pr::malformed_header,
         [](message& m, pair_of_nodes&) { m.target = "*"; }},
        {"empty target", pr::malformed_header, [](message& m, pair_of_nodes&) { m.target = ""; }},
    };
}

attacks misdirected()
{
    return {
        {"for another node", pr::wrong_receiver,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(n.secrets, n.time, "server-a", "server-c");
         }},
        {"for a node of a name that differs in case", pr::wrong_receiver,
         set("Kieng-To", "SERVER-B")},
        {"redirected from another node", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(n.secrets, n.time, "server-a", "server-c");
             m["Kieng-To"] = "server-b";
         }},
        {"our own words sent back", pr::own_id,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(n.secrets, n.time, "server-b", "server-b");
         }},
        {"our own request turned around", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(n.secrets, n.time, "server-b", "server-a");
             std::swap(m["Kieng-Peer"], m["Kieng-To"]);
         }},
        {"an unknown node", pr::unknown_peer,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(n.secrets, n.time, "server-x", "server-b");
         }},
        {"in another node's name", pr::bad_signature, set("Kieng-Peer", "server-c")},
    };
}

attacks skewed()
{
    return {
        {"31 s old", pr::clock_skew, [](message&, pair_of_nodes& n) { n.time.advance(31s); }},
        {"31 s ahead", pr::clock_skew,
         [](message& m, pair_of_nodes& n) {
             auto ahead = n.time;
             ahead.advance(31s);
             m = n.sign(n.secrets, ahead);
         }},
        {"an hour ahead", pr::clock_skew,
         [](message& m, pair_of_nodes& n) {
             auto ahead = n.time;
             ahead.advance(1h);
             m = n.sign(n.secrets, ahead);
         }},
        {"from the beginning of time", pr::clock_skew, set("Kieng-Timestamp", "0")},
        {"from the end of time", pr::clock_skew, set("Kieng-Timestamp", "9223372036854775807")},
        {"given a new time", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             n.time.advance(40s);
             m["Kieng-Timestamp"] = std::to_string(std::stoll(m["Kieng-Timestamp"]) + 40'000);
         }},
    };
}

attacks forged()
{
    return {
        {"all-zero signature", pr::bad_signature, set("Kieng-Signature", kZeroSignature)},
        {"two all-zero signatures", pr::bad_signature,
         set("Kieng-Signature", kZeroSignature + ",k1=" + kZeroSignature.substr(3))},
        {"one bit of the signature flipped", pr::bad_signature,
         [](message& m, pair_of_nodes&) {
             auto& c = m["Kieng-Signature"][10];
             c = c == 'A' ? 'B' : 'A';
         }},
        {"unkeyed hash in place of the signature", pr::bad_signature,
         [](message& m, pair_of_nodes&) {
             m["Kieng-Signature"] = "k2=" + to_base64url(as_text(sha256(m.body)));
         }},
        {"signed with another cluster's secret", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(peer_secrets(std::string(44, 'x')), n.time);
         }},
        {"signed with a secret that is no longer taken", pr::bad_signature,
         [](message& m, pair_of_nodes& n) { m = n.sign(peer_secrets(kOld), n.time); }},
        {"signed with the secret itself, not the key of the direction", pr::bad_signature,
         [](message& m, pair_of_nodes&) {
             peer_headers held;
             CHECK_FALSE(read_peer_headers(m.fields, held));
             m["Kieng-Signature"] =
                 "k2=" +
                 to_base64url(as_text(hmac_sha256(kSecret, signed_text(m.method, m.target, held))));
         }},
        {"signed with the key of the other direction", pr::bad_signature,
         [](message& m, pair_of_nodes&) {
             peer_headers held;
             CHECK_FALSE(read_peer_headers(m.fields, held));
             const auto key = derive_key(kSecret, "kieng peer request 1", {"server-b", "server-a"});
             m["Kieng-Signature"] =
                 "k2=" +
                 to_base64url(as_text(hmac_sha256(key, signed_text(m.method, m.target, held))));
         }},
        {"another method", pr::bad_signature, [](message& m, pair_of_nodes&) { m.method = "PUT"; }},
        {"method in lower case", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.method = "post"; }},
        {"another path", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target = "/api/cluster/drain"; }},
        {"another query", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target.back() = 'b'; }},
        {"query dropped", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target.resize(m.target.find('?')); }},
        {"query added", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target += "&force=1"; }},
        {"path written otherwise", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target.replace(0, 4, "/%61pi"); }},
        {"path with the version prefix", pr::bad_signature,
         [](message& m, pair_of_nodes&) { m.target.insert(0, "/v1"); }},
        {"another incarnation", pr::bad_signature, set("Kieng-Incarnation", "8")},
        {"another nonce", pr::bad_signature,
         [](message& m, pair_of_nodes& n) { m["Kieng-Nonce"] = n.bits.text(16); }},
        {"another content type", pr::bad_signature, set("Content-Type", "text/plain")},
        {"content type dropped", pr::bad_signature, drop("Content-Type")},
        {"content type with a parameter", pr::bad_signature,
         set("Content-Type", "application/json; charset=utf-8")},
        {"digest of another body", pr::bad_signature, set("Content-Digest", content_digest("{}"))},
        {"signature of another request", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             auto other = n.sign();
             m["Kieng-Signature"] = other["Kieng-Signature"];
         }},
    };
}

attacks replayed_ones()
{
    return {
        {"replayed", pr::replayed, [](message& m, pair_of_nodes& n) { CHECK(n.check(m).ok()); }},
        {"replayed at the end of the window", pr::replayed,
         [](message& m, pair_of_nodes& n) {
             CHECK(n.check(m).ok());
             n.time.advance(30s);
         }},
        {"replayed with one of two signatures cut off", pr::replayed,
         [](message& m, pair_of_nodes& n) {
             m = n.sign(peer_secrets(kSecret, kOld), n.time);
             CHECK(n.check(m).ok());
             m["Kieng-Signature"].resize(46);
         }},
        {"replayed under another spelling of its header", pr::replayed,
         [](message& m, pair_of_nodes& n) {
             CHECK(n.check(m).ok());
             for (auto& [name, value] : m.fields)
                 if (name == "Kieng-Nonce") name = "kieng-nonce";
         }},
    };
}

// Each is refused for the reason that is named, tells nothing, and leaves the genuine request acceptable.
void try_all(const attacks& list)
{
    for (const auto& one : list) {
        CAPTURE(one.name);
        pair_of_nodes nodes;
        auto sent = nodes.sign();
        one.make(sent, nodes);
        const auto got = nodes.check(sent);
        REQUIRE(got.refused.has_value());
        CHECK(name_of(*got.refused) == name_of(one.why));
        CHECK(got.from.empty() ==
              !got.skew);  // a name goes with a signature that held, and with nothing else
        CHECK(got.content_digest.empty());
        CHECK(nodes.check(nodes.sign()).ok());
    }
}

}  // namespace

TEST_CASE("a request that is not signed as a whole is refused")
{
    try_all(unsigned_ones());
}

TEST_CASE("a request that says something twice is refused")
{
    try_all(doubled());
}

TEST_CASE("a request with a malformed header is refused")
{
    try_all(malformed());
}

TEST_CASE("a request for or from another node is refused")
{
    try_all(misdirected());
}

TEST_CASE("a request of another time is refused")
{
    try_all(skewed());
}

TEST_CASE("a forged request is refused")
{
    try_all(forged());
}

TEST_CASE("a replayed request is refused")
{
    try_all(replayed_ones());
}

TEST_CASE("there are at least 60 ways")
{
    CHECK(unsigned_ones().size() + doubled().size() + malformed().size() + misdirected().size() +
              skewed().size() + forged().size() + replayed_ones().size() >=
          60);
}
