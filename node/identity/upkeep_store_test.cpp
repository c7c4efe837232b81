#include "node/identity/upkeep_store.hpp"

#include "node/identity/testing.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

using testing::shop;

std::int64_t expire_on(shop& s)
{
    const auto done = std::make_shared<std::int64_t>(0);
    store::unit_of_work::business work = [done](store::tx& on) -> result<store::answer> {
        *done = expire(on);
        return store::answer{};
    };
    store::write_key key;
    key.principal = "system";
    const auto ran =
        s.a.io().wait([&]() -> task<result<store::written>> { return s.a.work().run(key, work); });
    REQUIRE(ran.has_value());
    return *done;
}

TEST_CASE("only what has no use any more is removed")
{
    shop s;
    s.sign_up("lan@example.vn");
    s.sign_in("lan@example.vn");
    CHECK(expire_on(s) == 0);
    s.sql(
        "UPDATE sessions SET expires_at = now() - interval '25 hours' WHERE id = (SELECT id FROM sessions LIMIT 1)");
    CHECK(expire_on(s) == 1);
    CHECK(s.sql("SELECT count(*) FROM sessions") == "1");
    CHECK(s.sql("SELECT count(*) FROM refresh_tokens") == "1");
    s.sql("UPDATE refresh_tokens SET used_at = now() - interval '8 days'");
    CHECK(expire_on(s) == 1);
    s.sql("INSERT INTO login_attempts VALUES ('account', 'x', 3, now() - interval '2 days')");
    CHECK(expire_on(s) == 1);
    CHECK(expire_on(s) == 0);
}

}  // namespace
}  // namespace kieng::identity
