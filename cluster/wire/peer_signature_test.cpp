#include "cluster/wire/peer_signature.hpp"

#include "base/encoding.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace kieng;
using namespace kieng::cluster::wire;
using namespace std::chrono_literals;

namespace {

const std::string kSecret = "the secret of the cluster, 32 bytes at least";
const std::string kOld = "the secret the cluster had before this one..";
constexpr std::string_view kTarget = "/api/sync/receive?from=server-a";
constexpr std::string_view kType = "application/json";
constexpr std::string_view kBody = R"({"incarnation":7})";

using headers = std::vector<header_pair>;

// A request on its way, as whoever sits on the way may change it.
struct message {
    std::string method = "POST";
    std::string target = std::string(kTarget);
    std::string body = std::string(kBody);
    headers fields;

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
        time.advance(1h);
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

std::optional<peer_refusal> judge_body(const std::string& expected, std::string_view body,
                                       std::size_t most = 1'000)
{
    body_digest digest(expected, most);
    for (const char c : body)
        if (const auto why = digest.update({&c, 1})) return why;
    return digest.finish();
}

}  // namespace

TEST_CASE("a request that was signed is accepted, and tells who sent it in which history")
{
    pair_of_nodes nodes;
    const auto sent = nodes.sign();
    const auto got = nodes.check(sent);
    REQUIRE(got.ok());
    CHECK(got.from == "server-a");
    CHECK(got.incarnation == 7);
    CHECK(got.skew == 0ms);
    CHECK(got.secret_id == nodes.secrets.current().id);
    CHECK_FALSE(judge_body(got.content_digest, sent.body).has_value());
}

TEST_CASE("names of headers count in any case, and foreign headers do not matter")
{
    pair_of_nodes nodes;
    auto sent = nodes.sign();
    for (auto& [name, value] : sent.fields)
        std::transform(name.begin(), name.end(), name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        });
    sent.fields.emplace_back("x-forwarded-for", "10.0.0.1");
    sent.fields.emplace_back("x-forwarded-for", "10.0.0.2");
    CHECK(nodes.check(sent).ok());
}

TEST_CASE("a request without a body or content type is signed as well")
{
    pair_of_nodes nodes;
    message sent;
    sent.method = "GET";
    sent.body.clear();
    const peer_signer signer(nodes.secrets, "server-a", nodes.time, nodes.bits);
    sent.fields = signer.sign({sent.method, sent.target, "server-b", 0, {}, {}});
    const auto got = nodes.check(sent);
    REQUIRE(got.ok());
    CHECK_FALSE(judge_body(got.content_digest, "").has_value());
    CHECK(judge_body(got.content_digest, "x") == peer_refusal::wrong_digest);
}

// One entry per way to forge, replay, misdirect, skew or garble a request. Each is refused, for the reason that is named, and leaves
// the genuine request acceptable.
TEST_CASE("hostile requests are refused")
{
    struct attack {
        const char* name;
        peer_refusal why;
        std::function<void(message&, pair_of_nodes&)> change;
    };
    using pr = peer_refusal;
    const auto set = [](std::string name, std::string value) {
        return [=](message& m, pair_of_nodes&) { m[name] = value; };
    };
    const auto drop = [](std::string name) {
        return [=](message& m, pair_of_nodes&) { m.erase(name); };
    };
    const auto twice = [](std::string name) {
        return [=](message& m, pair_of_nodes&) { m.fields.emplace_back(name, m[name]); };
    };
    const std::string digest_of_other = content_digest("{}");
    const std::string zero_signature = "k2=" + to_base64url(std::string(32, '\0'));
    const std::vector<attack> attacks{
        {"unsigned", pr::missing_header, [](message& m, pair_of_nodes&) { m.fields.clear(); }},
        {"no sender", pr::missing_header, drop("Kieng-Peer")},
        {"no receiver", pr::missing_header, drop("Kieng-To")},
        {"no incarnation", pr::missing_header, drop("Kieng-Incarnation")},
        {"no timestamp", pr::missing_header, drop("Kieng-Timestamp")},
        {"no nonce", pr::missing_header, drop("Kieng-Nonce")},
        {"no digest", pr::missing_header, drop("Content-Digest")},
        {"no signature", pr::missing_header, drop("Kieng-Signature")},

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

        {"all-zero signature", pr::bad_signature, set("Kieng-Signature", zero_signature)},
        {"two all-zero signatures", pr::bad_signature,
         set("Kieng-Signature", zero_signature + ",k1=" + zero_signature.substr(3))},
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
        {"digest of another body", pr::bad_signature, set("Content-Digest", digest_of_other)},
        {"signature of another request", pr::bad_signature,
         [](message& m, pair_of_nodes& n) {
             auto other = n.sign();
             m["Kieng-Signature"] = other["Kieng-Signature"];
         }},

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
    CHECK(attacks.size() >= 60);
    for (const auto& attack : attacks) {
        CAPTURE(attack.name);
        pair_of_nodes nodes;
        auto sent = nodes.sign();
        attack.change(sent, nodes);
        const auto got = nodes.check(sent);
        REQUIRE(got.refused.has_value());
        CHECK(name_of(*got.refused) == name_of(attack.why));
        CHECK(got.from.empty());
        CHECK(got.content_digest.empty());
        CHECK(nodes.check(nodes.sign()).ok());
    }
}

TEST_CASE("a forged request uses up no nonce of the genuine one")
{
    pair_of_nodes nodes;
    const auto genuine = nodes.sign();
    auto forged = genuine;
    forged["Kieng-Incarnation"] = "8";
    for (int i = 0; i < 10; ++i) CHECK(nodes.check(forged).refused == peer_refusal::bad_signature);
    CHECK(nodes.check(genuine).ok());
}

TEST_CASE("a clock within the window is measured, one beyond it is measured and refused")
{
    for (const auto skew : {-30'000ms, -5'000ms, 0ms, 5'000ms, 30'000ms}) {
        pair_of_nodes nodes;
        auto other = nodes.time;
        other.advance(skew);
        const auto got = nodes.check(nodes.sign(nodes.secrets, other));
        CHECK(got.ok());
        CHECK(got.skew == skew);
    }
    for (const auto skew : {-3'600'000ms, -30'001ms, 30'001ms, 3'600'000ms}) {
        pair_of_nodes nodes;
        auto other = nodes.time;
        other.advance(skew);
        const auto got = nodes.check(nodes.sign(nodes.secrets, other));
        CHECK(got.refused == peer_refusal::clock_skew);
        CHECK(got.skew == skew);  // signed: the warning may name the node
    }
    pair_of_nodes nodes;
    auto forged = nodes.sign();
    forged["Kieng-Timestamp"] = "1";
    CHECK_FALSE(nodes.check(forged).skew.has_value());
}

TEST_CASE("what was recorded before a restart cannot be replayed after it")
{
    pair_of_nodes nodes;
    const auto recorded = nodes.sign();
    nodes.time.advance(5s);
    peer_verifier restarted(nodes.secrets, "server-b", nodes.time);
    restarted.know({"server-a"});
    const auto replay = [&](bool opens_stream) {
        return restarted
            .check({recorded.method, recorded.target, recorded.fields, false, opens_stream})
            .refused;
    };
    CHECK(replay(false) == peer_refusal::clock_skew);
    CHECK_FALSE(replay(true).has_value());  // an opening: worthless without our new nonce
    nodes.time.advance(10s);
    CHECK(replay(false) == peer_refusal::clock_skew);
    const auto fresh = nodes.sign();
    CHECK(restarted.check({fresh.method, fresh.target, fresh.fields}).ok());
}

TEST_CASE("a peer that sends without measure is refused and harms nobody else")
{
    pair_of_nodes nodes;
    peer_verifier small(nodes.secrets, "server-b", nodes.time, {.per_peer = 10, .total = 20});
    small.know({"server-a", "server-c"});
    const auto ask = [&](const std::string& from) {
        const auto sent = nodes.sign(nodes.secrets, nodes.time, from);
        return small.check({sent.method, sent.target, sent.fields}).refused;
    };
    for (int i = 0; i < 10; ++i) CHECK_FALSE(ask("server-a").has_value());
    CHECK(ask("server-a") == peer_refusal::too_many_nonces);
    CHECK_FALSE(ask("server-c").has_value());
    nodes.time.advance(66s);
    CHECK_FALSE(ask("server-a").has_value());
}

TEST_CASE("a stranger may greet where that is allowed, with a signature that holds")
{
    pair_of_nodes nodes;
    auto greeting = nodes.sign(nodes.secrets, nodes.time, "server-d", "server-b", 0);
    CHECK(nodes.check(greeting).refused == peer_refusal::unknown_peer);
    CHECK(nodes.check(greeting, true).ok());
    CHECK(nodes.check(greeting, true).refused == peer_refusal::replayed);
    auto forged = nodes.sign(peer_secrets(std::string(40, 'x')), nodes.time, "server-d");
    CHECK(nodes.check(forged, true).refused == peer_refusal::bad_signature);
    nodes.at_b.know({"server-d"});
    CHECK(nodes.check(nodes.sign(nodes.secrets, nodes.time, "server-d")).ok());
    CHECK(nodes.check(nodes.sign()).refused == peer_refusal::unknown_peer);
}

TEST_CASE("a secret is changed one node after the other without a refused request")
{
    const peer_secrets before(kOld), both(kSecret, kOld), after(kSecret);
    struct step {
        const peer_secrets &sender, &receiver;
        bool accepted;
    };
    const std::vector<step> steps{
        {before, before, true}, {both, before, true},   {before, both, true},
        {both, both, true},     {after, both, true},    {both, after, true},
        {after, after, true},   {before, after, false}, {after, before, false}};
    for (const auto& step : steps) {
        manual_clock time;
        seeded_random bits(1);
        peer_verifier verifier(step.receiver, "server-b", time);
        verifier.know({"server-a"});
        const peer_signer signer(step.sender, "server-a", time, bits);
        const auto fields = signer.sign({"GET", "/x", "server-b", 1, {}, {}});
        const auto got = verifier.check({"GET", "/x", fields});
        CHECK(got.ok() == step.accepted);
        if (got.ok()) {
            // Both ends can find the secret that held by its id.
            CHECK(step.sender.named(got.secret_id) != nullptr);
            CHECK(step.receiver.named(got.secret_id) != nullptr);
        }
    }
    CHECK_THROWS(peer_secrets(std::string(31, 's')));
    CHECK_THROWS(peer_secrets(kSecret, std::string(31, 's')));
    CHECK(peer_secrets(kSecret, kSecret).all().size() == 1);
}

TEST_CASE("a body is refused when it is another one, cut, longer or too large")
{
    const auto expected = content_digest(kBody);
    const std::string body(kBody);
    CHECK_FALSE(judge_body(expected, body).has_value());
    CHECK_FALSE(judge_body(expected, body, body.size()).has_value());
    CHECK(judge_body(expected, body + " ") == peer_refusal::wrong_digest);
    CHECK(judge_body(expected, body.substr(1)) == peer_refusal::wrong_digest);
    CHECK(judge_body(expected, "") == peer_refusal::wrong_digest);
    CHECK(judge_body("", body) == peer_refusal::wrong_digest);
    CHECK(judge_body(expected, body, body.size() - 1) == peer_refusal::too_large);
    body_digest digest(expected, 3);
    CHECK(digest.update("abcd") == peer_refusal::too_large);
    CHECK(digest.update("") == peer_refusal::too_large);
    CHECK(digest.finish() == peer_refusal::too_large);
}

TEST_CASE("the digest has the form of RFC 9530")
{
    CHECK(content_digest("") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    CHECK(content_digest(R"({"hello": "world"})") ==
          "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
}

TEST_CASE("keys are HKDF-SHA256")
{
    // RFC 5869 with IKM of test case 3 (22 bytes 0x0b, no salt, no info), first 32 bytes; the purpose is the info.
    CHECK(to_hex(derive_key(std::string(22, '\x0b'), "", {})) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    CHECK(derive_key(kSecret, "p", {"ab", "c"}) != derive_key(kSecret, "p", {"a", "bc"}));
    CHECK(derive_key(kSecret, "p", {"a", "b"}) != derive_key(kSecret, "p", {"b", "a"}));
}

TEST_CASE("what cannot be signed is not sent")
{
    pair_of_nodes nodes;
    const peer_signer signer(nodes.secrets, "server-a", nodes.time, nodes.bits);
    CHECK_THROWS((void)signer.sign({"POST", "/a b", "server-b", 1, {}, {}}));
    CHECK_THROWS((void)signer.sign({"POST", "/a\n", "server-b", 1, {}, {}}));
    CHECK_THROWS((void)signer.sign({"", "/a", "server-b", 1, {}, {}}));
    CHECK_THROWS((void)signer.sign({"POST", "/a", "server b", 1, {}, {}}));
}

TEST_CASE("each refusal has a name of its own")
{
    std::vector<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(kLastPeerRefusal); ++i)
        names.push_back(name_of(static_cast<peer_refusal>(i)));
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}
