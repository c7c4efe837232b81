#include "node/view_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <optional>

namespace kieng::node {
namespace {

using namespace std::chrono_literals;

// Starts a wait of an hour and says what came of it once it is over.
std::shared_ptr<std::optional<bool>> begin(asio::io_context& io, view_watch& views, bool still)
{
    auto over = std::make_shared<std::optional<bool>>();
    spawn(io.get_executor(),
          [&views, still, over]() -> task<> {
              std::function<bool()> stays = [still] { return still; };
              const bool room = co_await views.wait(1h, std::move(stays));
              over->emplace(room);
          },
          {});
    io.restart();
    io.poll();
    return over;
}

TEST_CASE("who waits is woken by a change, and nobody else's time runs out")
{
    asio::io_context io;
    view_watch views;
    const auto one = begin(io, views, true), other = begin(io, views, true);
    CHECK(!one->has_value());
    CHECK(views.counts().waiting == 2);
    views.changed();
    io.restart();
    io.poll();
    CHECK(*one == std::optional(true));
    CHECK(*other == std::optional(true));
    CHECK(views.counts().waiting == 0);
}

TEST_CASE("a change between the question and the wait is not missed")
{
    asio::io_context io;
    view_watch views;
    CHECK(*begin(io, views, false) == std::optional(true));
}

TEST_CASE("a node that stops keeps nobody waiting")
{
    asio::io_context io;
    view_watch views;
    const auto before = begin(io, views, true);
    views.close();
    io.restart();
    io.poll();
    CHECK(*before == std::optional(true));
    CHECK(*begin(io, views, true) == std::optional(true));
}

TEST_CASE("beyond the bound the caller is told so at once")
{
    asio::io_context io;
    view_watch views;
    for (std::size_t i = 0; i < view_watch::kMostWaiting; ++i)
        CHECK(!begin(io, views, true)->has_value());
    CHECK(*begin(io, views, true) == std::optional(false));
    CHECK(views.counts().refused == 1);
    views.close();
    io.restart();
    io.poll();
    CHECK(views.counts().waiting == 0);
}

}  // namespace
}  // namespace kieng::node
