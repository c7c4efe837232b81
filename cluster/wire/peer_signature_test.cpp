#include "cluster/wire/peer_signature.hpp"

#include "base/encoding.hpp"
#include "cluster/wire/testing.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kieng;
using namespace kieng::cluster::wire;
using namespace kieng::cluster::wire::testing;
using namespace std::chrono_literals;

namespace {

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
