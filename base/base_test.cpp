#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/errc.hpp"
#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace kieng;

TEST_CASE("every failure has a name of its own")
{
    std::set<std::string_view> names;
    for (int code = 1; code <= static_cast<int>(kLastErrc); ++code)
        names.insert(name_of(static_cast<errc>(code)));
    CHECK(names.size() == static_cast<std::size_t>(kLastErrc));
}

TEST_CASE("ids sort by the time they were made")
{
    manual_clock now;
    seeded_random bits(7);
    const std::string first = make_uuid(now, bits);
    now.advance(std::chrono::microseconds(1));
    const std::string second = make_uuid(now, bits);
    CHECK(first < second);
    CHECK(parse_uuid(first) == first);
    CHECK(first.at(14) == '7');
    CHECK(!parse_uuid("0193489d-ed3d-7f5c-8a4b"));
    CHECK(!parse_uuid("0193489d-ed3d-7f5c-8a4b-21aefd8a4b2g"));
    CHECK(parse_uuid("0193489D-ED3D-7F5C-8A4B-21AEFD8A4B21") ==
          "0193489d-ed3d-7f5c-8a4b-21aefd8a4b21");
}

TEST_CASE("times are read back as they were written")
{
    const auto at = from_iso8601("2026-11-20T09:03:00.5+07:00");
    REQUIRE(at);
    CHECK(to_iso8601(*at) == "2026-11-20T02:03:00.500000Z");
    CHECK(from_iso8601(to_iso8601(*at)) == at);
    for (const char* wrong :
         {"2026-02-30T00:00:00Z", "2026-11-20", "2026-11-20T24:00:00Z", "2026-11-20T09:03:00",
          "2026-11-20T09:03:00.Z", "2026-11-20T09:03:00.1234567Z", "2026-11-20 09:03:00Z"}) {
        CAPTURE(wrong);
        CHECK(!from_iso8601(wrong));
    }
}

TEST_CASE("base64url is strict")
{
    for (const std::string text : {"", "a", "ab", "abc", "\xff\xfe\xfd"})
        CHECK(from_base64url(to_base64url(text)) == text);
    CHECK(!from_base64url("YQ=="));
    CHECK(!from_base64url("YR"));  // bits behind the last byte are not zero
    CHECK(!from_base64url("Y"));
    CHECK(!from_base64url("Y+8"));
}

TEST_CASE("UTF-8 that is overlong, surrogate, cut or too large is refused")
{
    CHECK(is_utf8("Áo sơ mi"));
    for (const char* wrong :
         {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF", "\x80"})
        CHECK(!is_utf8(wrong));
    CHECK(utf8_length("Áo") == 2);
}

TEST_CASE("a JSON string cannot break out of its quotes")
{
    CHECK(json_string("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\n\\u0001\"");
}

TEST_CASE("percent decoding refuses broken escapes")
{
    CHECK(percent_decode("%C3%81o%20x") == "Áo x");
    CHECK(percent_decode("a+b", true) == "a b");
    CHECK(!percent_decode("%2"));
    CHECK(!percent_decode("%zz"));
    CHECK(percent_encode("Áo x/") == "%C3%81o%20x%2F");
}

TEST_CASE("VND and JPY have no minor digits")
{
    CHECK(currency_exponent("VND") == 0);
    CHECK(currency_exponent("USD") == 2);
    CHECK(!currency_exponent("XXX"));
}

TEST_CASE("hashes and macs are those of the standards")
{
    // FIPS 180-2 B.1, RFC 4231 cases 1, 2 and 6 (a key longer than a block).
    CHECK(to_hex(as_text(sha256("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(as_text(hmac_sha256(std::string(20, '\x0b'), "Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(as_text(hmac_sha256("Jefe", "what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(as_text(hmac_sha256(std::string(131, '\xaa'),
                                     "Test Using Larger Than Block-Size Key - Hash Key First"))) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
