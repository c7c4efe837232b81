#include "node/payments/webhook_signature.hpp"

#include <doctest/doctest.h>

using namespace kieng;
using namespace kieng::payments;

namespace {

constexpr std::string_view kSecret = "whsec";
constexpr std::string_view kBody = R"({"id":"evt_1"})";
const wall_time kAt{std::chrono::seconds(1'790'000'000)};
// Computed with another program.
constexpr std::string_view kGood =
    "t=1790000000,v1=7da561c8a938641e733a896909ae878d62a239d3688ea087c52a0740ab748748";

}  // namespace

TEST_CASE("a webhook is signed over its time and its bytes")
{
    CHECK(sign_webhook(kSecret, kBody, kAt) == kGood);
    CHECK(check_webhook(kSecret, kGood, kBody, kAt) == signature_check::good);
}

TEST_CASE("another secret, another byte or another time does not pass")
{
    CHECK(check_webhook("other", kGood, kBody, kAt) == signature_check::wrong);
    CHECK(check_webhook(kSecret, kGood, R"({"id":"evt_1"} )", kAt) == signature_check::wrong);
    std::string moved(kGood);
    moved[11] = '1';
    CHECK(check_webhook(kSecret, moved, kBody, kAt) == signature_check::wrong);
    for (std::size_t i = 16; i < kGood.size(); ++i) {
        std::string bent(kGood);
        bent[i] = bent[i] == '0' ? '1' : '0';
        CHECK(check_webhook(kSecret, bent, kBody, kAt) == signature_check::wrong);
    }
}

TEST_CASE("the time may be five minutes off, either way")
{
    using std::chrono::seconds;
    for (const auto off : {seconds(300), seconds(-300), seconds(0)})
        CHECK(check_webhook(kSecret, kGood, kBody, kAt + off) == signature_check::good);
    for (const auto off : {seconds(301), seconds(-301)})
        CHECK(check_webhook(kSecret, kGood, kBody, kAt + off) == signature_check::too_old);
}

TEST_CASE("what is no signature is told apart from a wrong one")
{
    for (const std::string_view bad :
         {"", "t=", "t=1790000000", "v1=aa,t=1", "t=1790000000,v1=7da5", "t=-1790000000,v1=aa",
          "t=1790000000 ,v1=7da561c8a938641e733a896909ae878d62a239d3688ea087c52a0740ab748748",
          "t=9999999999999,v1=7da561c8a938641e733a896909ae878d62a239d3688ea087c52a0740ab748748"}) {
        CAPTURE(bad);
        CHECK(check_webhook(kSecret, bad, kBody, kAt) == signature_check::malformed);
    }
}
