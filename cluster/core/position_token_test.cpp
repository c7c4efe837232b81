#include "cluster/core/position_token.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster;

TEST_CASE("a token is read back as it was written, by every node with the secret")
{
    const token_signer a(std::string(32, 'x'));
    const token_signer b(std::string(32, 'x'));
    const position_token token{1'790'000'000'000, 42};
    CHECK(b.read(a.write(token)) == token);
}

TEST_CASE("a token that was not signed with the secret is nothing")
{
    const token_signer signer(std::string(32, 'x'));
    const std::string good = signer.write({7, 42});
    CHECK(!token_signer(std::string(32, 'y')).read(good));
    std::string larger = good;
    larger.replace(larger.find("42"), 2, "43");
    for (const std::string& text :
         {larger, std::string(), std::string("7"), std::string("7.42"), std::string("7.42."),
          good + "0", "0" + good, "+" + good, std::string("7.-1.0000000000000000"),
          std::string("7.99999999999999999999.0000000000000000"), std::string(5000, '1'),
          good.substr(0, good.size() - 1)}) {
        CAPTURE(text);
        CHECK(!signer.read(text));
    }
}
