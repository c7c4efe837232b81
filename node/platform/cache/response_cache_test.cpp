#include "node/platform/cache/response_cache.hpp"

#include "base/clock.hpp"
#include "node/platform/cache/gzip.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <doctest/doctest.h>

using namespace kieng;
using cache::entry_ptr;
using cache::loaded;
using cache::response_cache;

namespace {

// One io_context and what ran on it.
struct fixture {
    asio::io_context io{1};
    response_cache cache{1 << 20};

    static loaded page(std::string body, std::int64_t pos, std::vector<std::string> tags)
    {
        loaded out;
        out.body = std::move(body);
        out.pos = pos;
        out.tags = std::move(tags);
        return out;
    }

    // Starts a load; the outcome lands in the returned slot when the io_context runs.
    std::shared_ptr<std::optional<result<entry_ptr>>> start(std::string key, std::int64_t min_pos,
                                                            response_cache::loader read)
    {
        auto slot = std::make_shared<std::optional<result<entry_ptr>>>();
        auto run = [](response_cache& on, std::string k, std::int64_t least,
                      response_cache::loader how, auto out) -> task<> {
            auto got = co_await on.load(std::move(k), least, std::move(how));
            out->emplace(std::move(got));
        };
        asio::co_spawn(io, run(cache, std::move(key), min_pos, std::move(read), slot),
                       [](std::exception_ptr e) {
                           if (e) std::rethrow_exception(e);
                       });
        return slot;
    }
    entry_ptr get(std::string key, loaded what)
    {
        auto slot = start(std::move(key), 0, [what]() -> task<result<loaded>> { co_return what; });
        io.restart();
        io.run();
        return (*slot)->value();
    }
};

// A loader that stays under way until told what to answer.
struct gate {
    explicit gate(asio::io_context& io)
        : opened(std::make_shared<timer>(io.get_executor(), steady_time::max()))
    {}
    std::shared_ptr<timer> opened;
    std::shared_ptr<std::optional<result<loaded>>> value =
        std::make_shared<std::optional<result<loaded>>>();
    std::shared_ptr<int> reads = std::make_shared<int>(0);

    response_cache::loader loader()
    {
        return [wait = opened, out = value, count = reads]() -> task<result<loaded>> {
            ++*count;
            if (!out->has_value()) {
                boost::system::error_code ignored;
                use_task_t token;
                co_await wait->async_wait(asio::redirect_error(token, ignored));
            }
            co_return out->value();
        };
    }
    void open(result<loaded> with)
    {
        value->emplace(std::move(with));
        opened->cancel();
    }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an answer is kept until something it shows changes")
{
    get("k", page("one", 5, {"product:1", "list:products"}));
    REQUIRE(cache.find("k"));
    CHECK(cache.find("k")->body == "one");
    const std::vector<std::string> other{"product:2"};
    cache.drop(other, 6);
    CHECK(cache.find("k"));
    const std::vector<std::string> list{"list:products"};
    cache.drop(list, 7);
    CHECK(!cache.find("k"));
    CHECK(cache.entries() == 0);
    CHECK(cache.bytes() == 0);
}

TEST_CASE_FIXTURE(fixture, "a drop that comes late leaves an answer that was read after it")
{
    get("k", page("new", 9, {"product:1"}));
    const std::vector<std::string> tags{"product:1"};
    cache.drop(tags, 8);
    CHECK(cache.find("k"));
}

TEST_CASE_FIXTURE(fixture, "an answer read before a drop is given out but not kept")
{
    const std::vector<std::string> tags{"product:1"};
    cache.drop(tags, 8);
    CHECK(get("k", page("old", 7, {"product:1"}))->body == "old");
    CHECK(!cache.find("k"));
    CHECK(cache.stats().refused_fills == 1);
}

TEST_CASE_FIXTURE(fixture, "one reads, all others wait for it")
{
    gate g(io);
    auto first = start("k", 0, g.loader());
    auto second = start("k", 0, g.loader());
    auto third = start("k", 0, g.loader());
    io.poll();
    CHECK(*g.reads == 1);
    g.open(page("x", 3, {"a"}));
    io.run();
    CHECK(*g.reads == 1);
    for (const auto& slot : {first, second, third}) CHECK((*slot)->value()->body == "x");
}

TEST_CASE_FIXTURE(fixture, "who asks after a change never gets an answer read before it")
{
    gate g(io);
    auto before = start("k", 0, g.loader());
    io.poll();
    const std::vector<std::string> tags{"a"};
    cache.drop(tags, 4);  // a write was acknowledged here
    auto after = start("k", 0, []() -> task<result<loaded>> { co_return page("new", 4, {"a"}); });
    io.poll();
    g.open(page("old", 3, {"a"}));
    io.run();
    CHECK((*before)->value()->body == "old");
    CHECK((*after)->value()->body == "new");
    CHECK(cache.find("k")->body == "new");
}

TEST_CASE_FIXTURE(fixture, "who has seen a later position gets an answer that shows it")
{
    gate g(io);
    auto early = start("k", 0, g.loader());
    io.poll();
    auto late = start("k", 10, []() -> task<result<loaded>> { co_return page("new", 10, {"a"}); });
    io.poll();
    g.open(page("old", 3, {"a"}));
    io.run();
    CHECK((*early)->value()->body == "old");
    CHECK((*late)->value()->body == "new");
}

TEST_CASE_FIXTURE(fixture, "a position the database has never had means that history was lost")
{
    auto slot = start("k", 10, []() -> task<result<loaded>> { co_return page("x", 3, {"a"}); });
    io.run();
    REQUIRE((*slot)->has_error());
    CHECK((*slot)->error().code == errc::history_changed);
}

TEST_CASE_FIXTURE(fixture, "a failed read fails all who wait and keeps nothing")
{
    gate g(io);
    auto first = start("k", 0, g.loader());
    auto second = start("k", 0, g.loader());
    io.poll();
    g.open(failure(errc::database_unavailable));
    io.run();
    for (const auto& slot : {first, second})
        CHECK((*slot)->error().code == errc::database_unavailable);
    CHECK(!cache.find("k"));
    CHECK(get("k", page("x", 1, {}))->body == "x");
}

TEST_CASE_FIXTURE(fixture, "a read that throws does not strand those who wait")
{
    auto fail = std::make_shared<timer>(io.get_executor(), std::chrono::milliseconds(1));
    auto run = [](response_cache& on, std::shared_ptr<timer> t) -> task<> {
        std::string key("k");
        response_cache::loader read = [t]() -> task<result<loaded>> {
            use_task_t token;
            co_await t->async_wait(token);
            throw std::runtime_error("broken");
        };
        co_await on.load(std::move(key), 0, std::move(read));
    };
    bool threw = false;
    asio::co_spawn(io, run(cache, fail), [&](std::exception_ptr e) { threw = e != nullptr; });
    auto waiting = start("k", 0, []() -> task<result<loaded>> { co_return page("y", 1, {}); });
    io.run();
    CHECK(threw);
    REQUIRE(waiting->has_value());
    CHECK((*waiting)->error().code == errc::overloaded);
}

TEST_CASE("memory stays within its bound, the least used go first")
{
    fixture f;
    response_cache& cache = f.cache;
    f.get("hot", fixture::page(std::string(1000, 'h'), 1, {"t:hot"}));
    for (int i = 0; i < 5000; ++i) {
        f.get("k" + std::to_string(i),
              fixture::page(std::string(1000, 'x'), 1, {"t:" + std::to_string(i)}));
        CHECK(cache.find("hot"));
    }
    CHECK(cache.bytes() <= (1 << 20));
    CHECK(cache.entries() > 100);
    CHECK(!cache.find("k0"));
    CHECK(cache.stats().evicted > 1000);
}

TEST_CASE("old marks are forgotten, and what they would have refused is refused all the same")
{
    fixture f;
    for (std::size_t i = 0; i <= response_cache::kMaxMarks; ++i) {
        const std::vector<std::string> tags{"t:" + std::to_string(i)};
        f.cache.drop(tags, static_cast<std::int64_t>(i) + 1);
    }
    f.get("old", fixture::page("x", 0, {"other"}));
    CHECK(!f.cache.find("old"));
    f.get("new", fixture::page("x", 70'000, {"other"}));
    CHECK(f.cache.find("new"));
}

TEST_CASE("a cache of no bytes keeps nothing")
{
    fixture f;
    response_cache none(0);
    auto slot = std::make_shared<std::string>();
    auto run = [](response_cache& on, std::shared_ptr<std::string> out) -> task<> {
        std::string key("k");
        response_cache::loader read = []() -> task<result<loaded>> {
            co_return fixture::page("x", 1, {});
        };
        auto got = co_await on.load(std::move(key), 0, std::move(read));
        *out = got.value()->body;
    };
    asio::co_spawn(f.io, run(none, slot), asio::detached);
    f.io.run();
    CHECK(*slot == "x");
    CHECK(!none.find("k"));
}

TEST_CASE_FIXTURE(fixture, "only bodies that gain by it are compressed")
{
    CHECK(get("small", page("x", 1, {}))->gzip().empty());
    const auto big = get("big", page(std::string(5000, 'a'), 1, {}));
    CHECK(!big->gzip().empty());
    CHECK(big->gzip().size() < 200);
}

TEST_CASE_FIXTURE(fixture, "a clear refuses what was read before it")
{
    get("k", page("x", 5, {"a"}));
    cache.clear(8);
    CHECK(!cache.find("k"));
    get("k", page("x", 7, {"a"}));
    CHECK(!cache.find("k"));
    get("k", page("x", 8, {"a"}));
    CHECK(cache.find("k"));
}
