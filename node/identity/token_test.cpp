#include "node/identity/token.hpp"

#include "base/encoding.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace kieng::identity {
namespace {

constexpr std::string_view kSecret = "a secret of thirty-two bytes or more";
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

const access_claims kClaims{"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718",
                            "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60719", "cashier", 3};

std::string signed_with(std::string_view key, std::string_view header, std::string_view payload)
{
    const std::string part = to_base64url(header) + "." + to_base64url(payload);
    return part + "." + to_base64url(as_text(hmac_sha256(key, part)));
}

// A token with the right key and header whose claims are the signer's with one piece of text replaced.
std::string altered(std::string_view what, std::string_view by)
{
    const manual_clock now;
    const auto token = token_signer(kSecret).sign(kClaims, now.wall());
    const auto first = token.find('.');
    auto payload = *from_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
    const auto at = payload.find(what);
    REQUIRE(at != std::string::npos);
    payload.replace(at, what.size(), by);
    return signed_with(derive_key(kSecret, "access token"), kHeader, payload);
}

std::string payload_of(const std::string& token)
{
    const auto first = token.find('.');
    return *from_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
}

errc refusal(const token_signer& signer, std::string_view token, wall_time now)
{
    const auto read = signer.verify(token, now);
    return read.has_value() ? errc{} : read.error().code;
}

TEST_CASE("a token says who, in which session, as what, and how new the rights are")
{
    const manual_clock now;
    const token_signer signer(kSecret);
    const auto read = signer.verify(signer.sign(kClaims, now.wall()), now.wall());
    REQUIRE(read.has_value());
    CHECK(*read == kClaims);
}

TEST_CASE("a token is a JSON web token that any tool can show")
{
    const manual_clock now;
    const auto payload = payload_of(token_signer(kSecret).sign(kClaims, now.wall()));
    CHECK(
        payload ==
        R"({"iss":"kieng","aud":"kieng","typ":"access","sub":"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718",)"
        R"("sid":"0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60719","role":"cashier","ver":3,)"
        R"("iat":1790000000,"nbf":1790000000,"exp":1790000900})");
}

TEST_CASE("a token is good for fifteen minutes and the leeway of the clocks")
{
    manual_clock now;
    const token_signer signer(kSecret);
    const auto token = signer.sign(kClaims, now.wall());
    now.advance(kAccessLifetime + kClockLeeway - std::chrono::seconds(1));
    CHECK(signer.verify(token, now.wall()).has_value());
    now.advance(std::chrono::seconds(1));
    CHECK(refusal(signer, token, now.wall()) == errc::token_expired);
    now.advance(std::chrono::hours(24 * 365));
    CHECK(refusal(signer, token, now.wall()) == errc::token_expired);
}

TEST_CASE("a token of a node whose clock is ahead counts within the leeway, then asks to renew")
{
    manual_clock now;
    const token_signer signer(kSecret);
    CHECK(signer.verify(signer.sign(kClaims, now.wall() + kClockLeeway), now.wall()).has_value());
    const auto later = signer.sign(kClaims, now.wall() + kClockLeeway + std::chrono::seconds(1));
    CHECK(refusal(signer, later, now.wall()) == errc::token_expired);
}

TEST_CASE("forged tokens are refused")
{
    const manual_clock now;
    const token_signer signer(kSecret);
    const auto key = derive_key(kSecret, "access token");
    const auto good = signer.sign(kClaims, now.wall());
    const auto first = good.find('.');
    const auto last = good.rfind('.');
    const auto head = good.substr(0, first);
    const auto body = good.substr(first + 1, last - first - 1);
    const auto mac = good.substr(last + 1);
    const auto payload = payload_of(good);

    std::string flipped_bits = mac;
    // The last character of 32 bytes carries four bits; its spare bits must be zero.
    flipped_bits.back() = static_cast<char>(flipped_bits.back() + 1);
    std::string other_first = mac;
    other_first.front() = other_first.front() == 'A' ? 'B' : 'A';

    const std::vector<std::pair<std::string, std::string>> forged{
        {"nothing", ""},
        {"dots", ".."},
        {"a dot", "."},
        {"words", "let me in please"},
        {"header only", head},
        {"header and dot", head + "."},
        {"no signature", head + "." + body},
        {"empty signature", head + "." + body + "."},
        {"empty claims", head + ".." + mac},
        {"a fourth part", good + ".x"},
        {"an empty fourth part", good + "."},
        {"leading space", " " + good},
        {"trailing space", good + " "},
        {"trailing newline", good + "\n"},
        {"padding", good + "="},
        {"padded claims", head + "." + body + "=." + mac},
        {"NUL behind", good + std::string(1, '\0')},
        {"signature shortened", good.substr(0, good.size() - 1)},
        {"signature lengthened", good + "A"},
        {"spare bits set", head + "." + body + "." + flipped_bits},
        {"signature changed", head + "." + body + "." + other_first},
        {"claims of another", head + "." + to_base64url(payload + " ") + "." + mac},
        {"alg none", signed_with(key, R"({"alg":"none","typ":"JWT"})", payload)},
        {"alg none unsigned", to_base64url(R"({"alg":"none"})") + "." + body + "."},
        {"alg None", signed_with(key, R"({"alg":"None","typ":"JWT"})", payload)},
        {"alg HS384", signed_with(key, R"({"alg":"HS384","typ":"JWT"})", payload)},
        {"alg HS512", signed_with(key, R"({"alg":"HS512","typ":"JWT"})", payload)},
        {"alg RS256", signed_with(key, R"({"alg":"RS256","typ":"JWT"})", payload)},
        {"alg lower case", signed_with(key, R"({"alg":"hs256","typ":"JWT"})", payload)},
        {"no alg", signed_with(key, R"({"typ":"JWT"})", payload)},
        {"two algs", signed_with(key, R"({"alg":"HS256","alg":"none","typ":"JWT"})", payload)},
        {"other order", signed_with(key, R"({"typ":"JWT","alg":"HS256"})", payload)},
        {"a key of its own",
         signed_with(key, R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":""}})", payload)},
        {"a key id",
         signed_with(key, R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})", payload)},
        {"a key address",
         signed_with(key, R"({"alg":"HS256","typ":"JWT","jku":"http://127.0.0.1/k"})", payload)},
        {"critical extension",
         signed_with(key, R"({"alg":"HS256","typ":"JWT","crit":["x"]})", payload)},
        {"other typ", signed_with(key, R"({"alg":"HS256","typ":"JWE"})", payload)},
        {"header with space", signed_with(key, R"({"alg": "HS256","typ":"JWT"})", payload)},
        {"the secret itself as key", signed_with(kSecret, kHeader, payload)},
        {"empty key", signed_with("", kHeader, payload)},
        {"key of another purpose",
         signed_with(derive_key(kSecret, "refresh token"), kHeader, payload)},
        {"key of another shop",
         signed_with(derive_key("another secret of thirty-two bytes", "access token"), kHeader,
                     payload)},
        {"too long", head + "." + std::string(4096, 'A') + "." + mac},
        {"claims no base64", head + ".!!!!." + mac},
    };
    CHECK(forged.size() >= 40);
    for (const auto& [name, token] : forged) {
        CAPTURE(name);
        CHECK(refusal(signer, token, now.wall()) == errc::token_invalid);
    }
}

TEST_CASE("well-signed claims in another form are refused")
{
    const manual_clock now;
    const token_signer signer(kSecret);
    const auto key = derive_key(kSecret, "access token");
    const auto payload = payload_of(signer.sign(kClaims, now.wall()));
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"no JSON", signed_with(key, kHeader, "hello")},
        {"empty", signed_with(key, kHeader, "")},
        {"empty object", signed_with(key, kHeader, "{}")},
        {"array", signed_with(key, kHeader, "[" + payload + "]")},
        {"trailing data", signed_with(key, kHeader, payload + "{}")},
        {"cut", signed_with(key, kHeader, payload.substr(0, payload.size() - 1))},
        {"issuer", altered(R"("iss":"kieng")", R"("iss":"other")")},
        {"audience", altered(R"("aud":"kieng")", R"("aud":"peers")")},
        {"audience list", altered(R"("aud":"kieng")", R"("aud":["kieng"])")},
        {"kind", altered(R"("typ":"access")", R"("typ":"refresh")")},
        {"user no uuid", altered("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718", "1")},
        {"user in upper case",
         altered("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718", "0193A1B2-8C9D-7E0F-A1B2-C3D4E5F60718")},
        {"session empty", altered("0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60719", "")},
        {"role empty", altered("cashier", "")},
        {"role in upper case", altered("cashier", "Owner")},
        {"role too long", altered("cashier", "abcdefghijklmnopqrstuvwxyz")},
        {"role with a quote", altered("cashier", "own\\\"er")},
        {"version negative", altered(R"("ver":3)", R"("ver":-3)")},
        {"version text", altered(R"("ver":3)", R"("ver":"3")")},
        {"version with zero", altered(R"("ver":3)", R"("ver":03)")},
        {"version fraction", altered(R"("ver":3)", R"("ver":3.5)")},
        {"version huge", altered(R"("ver":3)", R"("ver":99999999999999999999999999)")},
        {"version beyond JSON", altered(R"("ver":3)", R"("ver":9007199254740992)")},
        {"exp missing", altered(R"(,"exp":1790000900)", "")},
        {"exp text", altered(R"("exp":1790000900)", R"("exp":"1790000900")")},
        {"exp exponent", altered(R"("exp":1790000900)", R"("exp":1e300)")},
        {"exp null", altered(R"("exp":1790000900)", R"("exp":null)")},
        {"too long a life", altered(R"("exp":1790000900)", R"("exp":1790000901)")},
        {"nbf missing", altered(R"("nbf":1790000000,)", "")},
        {"iat missing", altered(R"("iat":1790000000,)", "")},
        {"exp twice", altered(R"("exp":1790000900)", R"("exp":1790000900,"exp":1790000900)")},
        {"a member more", altered("}", R"(,"admin":true})")},
        {"spaces", altered(",", ", ")},
    };
    for (const auto& [name, token] : wrong) {
        CAPTURE(name);
        CHECK(refusal(signer, token, now.wall()) == errc::token_invalid);
    }
    CHECK(refusal(signer, altered(R"("nbf":1790000000)", R"("nbf":1790000031)"), now.wall()) ==
          errc::token_expired);
    CHECK(refusal(signer, altered(R"("exp":1790000900)", R"("exp":1789999970)"), now.wall()) ==
          errc::token_expired);
}

TEST_CASE("every single changed character makes a token worthless")
{
    const manual_clock now;
    const token_signer signer(kSecret);
    const auto good = signer.sign(kClaims, now.wall());
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = bad[i] == 'x' ? 'y' : 'x';
        CAPTURE(i);
        CHECK(refusal(signer, bad, now.wall()) == errc::token_invalid);
    }
}

}  // namespace
}  // namespace kieng::identity
