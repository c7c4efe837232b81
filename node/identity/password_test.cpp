#include "node/identity/password.hpp"

#include "node/identity/common_passwords.hpp"
#include "node/identity/hash_pool.hpp"
#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>

#include <future>

namespace kieng::identity {
namespace {

constexpr int kCheap = 4;

errc refusal(std::string_view password, std::string_view email = "lan@example.vn")
{
    const auto checked = check_new_password(password, email);
    return checked.has_value() ? errc{} : checked.error().code;
}

TEST_CASE("a password of ten to seventy-two bytes is fine")
{
    CHECK(refusal("muoi hai con giap") == errc{});
    CHECK(refusal("kieng ba c") == errc{});
    CHECK(refusal(std::string(36, 'x') + std::string(36, 'y')) == errc{});
    CHECK(refusal("mật khẩu của tôi rất dài") == errc{});
}

TEST_CASE("length is counted in bytes")
{
    CHECK(refusal("") == errc::weak_password);
    CHECK(refusal("chin byte") == errc::weak_password);
    CHECK(refusal(std::string(36, 'x') + std::string(37, 'y')) == errc::password_too_long);
    CHECK(refusal("áááááááááááááááááááááááááááááááááááá1") == errc::password_too_long);
}

TEST_CASE("what everybody tries first is refused")
{
    for (const auto* bad :
         {"password123", "Password123", "PASSWORD123", "pass word 123", "qwertyuiop", "1234567890",
          "0987654321", "9876543210", "12345678901234567890", "aaaaaaaaaaaa", "a a a a a a",
          "          ", "abcdefghij", "ABCDEFGHIJ", "matkhau123", "anhyeuem123", "lan@example.vn",
          "LAN@Example.VN", "1qaz2wsx3edc"}) {
        CAPTURE(bad);
        CHECK(refusal(bad) == errc::weak_password);
    }
    CHECK(refusal("nguyenvanan", "nguyenvanan@example.vn") == errc::weak_password);
}

TEST_CASE("NUL is refused, because bcrypt would stop reading there")
{
    CHECK(refusal(std::string("kieng ba chan\0vung", 18)) == errc::weak_password);
    seeded_random bits(1);
    const auto hash = hash_password("kieng ba chan", kCheap, bits);
    CHECK(!verify_password(std::string("kieng ba chan\0vung", 18), hash, kCheap));
}

TEST_CASE("a hash is bcrypt, salted, and matches its password alone")
{
    seeded_random bits(1);
    const auto hash = hash_password("kieng ba chan vung", kCheap, bits);
    CHECK(hash.starts_with("$2b$04$"));
    CHECK(cost_of(hash) == kCheap);
    CHECK(hash != hash_password("kieng ba chan vung", kCheap, bits));
    CHECK(verify_password("kieng ba chan vung", hash, kCheap));
    for (const auto* other :
         {"", "kieng ba chan vun", "kieng ba chan vung ", "Kieng ba chan vung"}) {
        CHECK(!verify_password(other, hash, kCheap));
    }
    CHECK(verify_password("kieng ba chan vung", hash, kCheap + 2));
}

TEST_CASE("all seventy-two bytes count")
{
    seeded_random bits(1);
    const std::string most(72, 'x');
    const auto hash = hash_password(most, kCheap, bits);
    CHECK(verify_password(most, hash, kCheap));
    CHECK(!verify_password(most.substr(0, 71), hash, kCheap));
    CHECK(!verify_password(most.substr(0, 71) + "y", hash, kCheap));
}

TEST_CASE("no account matches no password")
{
    for (const auto* hash : {"", "$2b$", "$1$abc$def",
                             "$2b$99$kiengkiengkiengkiengkeuKIENGkiengKIENGkiengKIENGkieng"}) {
        CHECK(!verify_password("kieng ba chan vung", hash, kCheap));
        CHECK(!verify_password("", hash, kCheap));
    }
}

TEST_CASE("made passwords are long, strong and different")
{
    seeded_random bits(3);
    const auto one = make_password(bits);
    CHECK(one.size() == 23);
    CHECK(refusal(one) == errc{});
    CHECK(one != make_password(bits));
}

TEST_CASE("the list of common passwords is found by halves")
{
    CHECK(is_common_password("password123"));
    CHECK(is_common_password("zxcvbnm1234"));
    CHECK(!is_common_password("muoihaicongiap"));
}

TEST_CASE("the pool hashes and compares")
{
    store::testing::io_runner io;
    hash_pool pool({kCheap, 1, 8}, system_random());
    const auto hash = io.wait([&]() -> task<result<std::string>> {
        std::string password = "kieng ba chan vung";
        return pool.hash(std::move(password));
    });
    REQUIRE(hash.has_value());
    const auto check = [&](std::string password) {
        return *io.wait([&]() -> task<result<bool>> { return pool.verify(password, *hash); });
    };
    CHECK(check("kieng ba chan vung"));
    CHECK(!check("kieng ba chan"));
}

TEST_CASE("the pool takes no more than its threads and its queue, and says when to come back")
{
    hash_pool pool({kCheap, 1, 2}, system_random());
    {
        const auto one = pool.enter();
        const auto two = pool.enter();
        const auto three = pool.enter();
        CHECK(three.has_value());
        const auto four = pool.enter();
        REQUIRE(four.has_error());
        CHECK(four.error().code == errc::hashing_busy);
        CHECK(four.error().retry_after.has_value());
    }
    CHECK(pool.enter().has_value());
}

TEST_CASE("a pool that stops answers everybody who waits")
{
    store::testing::io_runner io;
    hash_pool pool({10, 1, 8}, system_random());
    std::vector<std::future<result<std::string>>> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(io.start([&]() -> task<result<std::string>> {
            std::string password = "kieng ba chan vung";
            return pool.hash(std::move(password));
        }));
    }
    pool.stop();
    for (auto& one : waiting) {
        const auto got = one.get();
        if (got.has_error()) CHECK(got.error().code == errc::draining);
    }
    CHECK(pool.enter().has_error());
}

}  // namespace
}  // namespace kieng::identity
