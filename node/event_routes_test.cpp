#include "node/event_routes.hpp"

#include "node/identity/permissions.hpp"
#include "node/platform/http/server.hpp"
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

using namespace kieng;
using namespace kieng::node;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kHistory = 9;

// "<role>:<user>:<session>" signs in; "brief:.." does so as a customer for a moment, "gone:.." not at all.
class doorman final : public http::authenticator {
public:
    doorman()
    {
        nobody_.role = "anonymous";
        nobody_.permissions = *identity::permissions_of("anonymous");
    }
    result<http::caller> authenticate(std::string_view bearer) const override
    {
        const auto first = bearer.find(':'), second = bearer.rfind(':');
        http::caller out;
        out.role = bearer.substr(0, first);
        out.user_id = bearer.substr(first + 1, second - first - 1);
        out.session_id = bearer.substr(second + 1);
        if (out.role == "gone") return failure(errc::session_ended);
        if (out.role == "brief") {
            out.role = "customer";
            out.expires = system_clock().wall() + 100ms;
        }
        out.permissions = *identity::permissions_of(out.role);
        return out;
    }
    const http::caller& nobody() const noexcept override { return nobody_; }

private:
    http::caller nobody_;
};

std::string token_of(cluster::position_token of)
{
    return std::to_string(of.incarnation) + "." + std::to_string(of.pos) + ".ff";
}

std::optional<cluster::position_token> read_token(std::string_view text)
{
    if (!text.ends_with(".ff")) return std::nullopt;
    const auto dot = text.find('.');
    return cluster::position_token{std::stoll(std::string(text.substr(0, dot))),
                                   std::stoll(std::string(text.substr(dot + 1)))};
}

class places final : public http::position_source {
public:
    explicit places(event_hub*& hub) : hub_(hub) {}
    std::int64_t applied() const noexcept override { return hub_->ring.head().applied; }
    std::int64_t incarnation() const noexcept override { return kHistory; }
    std::string token(std::int64_t pos) const override { return token_of({kHistory, pos}); }
    std::int64_t read(std::string_view) const noexcept override { return 0; }
    task<bool> wait_for(std::int64_t, std::chrono::milliseconds) override { co_return false; }
    std::chrono::milliseconds age() const noexcept { return {}; }
    bool cut_off() const noexcept { return false; }
    task<std::optional<std::int64_t>> newest() { co_return std::nullopt; }

private:
    event_hub*& hub_;
};

store::position product(std::int64_t pos, std::string data = "{\"price\":1}")
{
    store::position out;
    out.pos = pos;
    out.incarnation = kHistory;
    out.events.push_back(
        {"ProductUpdatedEvent", "product", "p" + std::to_string(pos), 1, {}, std::move(data)});
    return out;
}

store::position session_end(std::int64_t pos, const std::string& session, const std::string& user)
{
    store::position out;
    out.pos = pos;
    out.incarnation = kHistory;
    out.events.push_back({"SessionEndedEvent", "session", session, 0, {"user:" + user}, "{}"});
    return out;
}

// One client's stream.
class ear {
public:
    ear(std::uint16_t port, std::string_view headers = {}, std::string_view query = {}) : to_(port)
    {
        std::string text = "GET /api/events" + std::string(query) + " HTTP/1.1\r\nHost: shop\r\n";
        text += "Accept: text/event-stream\r\n" + std::string(headers) + "\r\n";
        CHECK(to_.send(text));
    }
    // Whether it has come, or comes within ten seconds.
    bool hears(std::string_view what)
    {
        while (heard.find(what) == std::string::npos)
            if (!more()) return false;
        return true;
    }
    // Whether the stream ends in order.
    bool ends() { return hears("\r\n0\r\n\r\n"); }
    bool breaks()
    {
        while (more()) {
        }
        return true;
    }
    std::string heard;

private:
    bool more()
    {
        char bytes[16384];
        const auto got = ::recv(to_.native(), bytes, sizeof bytes, 0);
        if (got > 0) heard.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    }
    http::test::client to_;
};

// A node at position 10 whose outbox holds what `outbox` says.
struct node_with_streams {
    explicit node_with_streams(event_limits most = {})
    {
        event_sources from;
        from.token = token_of;
        from.read_token = read_token;
        from.incarnation = [] { return kHistory; };
        from.history = [this](std::int64_t after) { return read(after); };
        from.wait_for = [](std::int64_t, std::chrono::milliseconds) -> task<bool> {
            co_return false;
        };
        from.age = [this] { return age.load(); };
        from.draining = [this] { return server->draining(); };
        hub = std::make_unique<event_hub>(std::move(from), most);
        shown = hub.get();
        feed = hub->listener();
        feed.reset(10);
        feed.advanced(10);
        http::server_options how;
        how.access_log = false;
        how.io_threads = 2;
        how.within.write_stall = 300ms;
        how.within.handlers_per_thread = 1;
        how.drain_time = 0ms;
        how.streams_events.set(identity::events_read.bit);
        server = std::make_unique<http::server>(std::move(how), event_routes(*hub, who), who, cache,
                                                where);
        server->on_drain([this] { hub->end_streams(); });
        server->start();
    }
    ~node_with_streams() { server->stop(5s); }

    void apply(const store::position& what)
    {
        feed.arrived(what);
        feed.advanced(what.pos);
    }
    task<result<store::outbox_reading>> read(std::int64_t after)
    {
        ++reads;
        store::outbox_reading out;
        out.incarnation = kHistory;
        out.head = hub->ring.head().applied;
        for (const auto& one : outbox)
            if (one.pos > after && one.pos <= after + store::kOutboxWindow)
                out.positions.push_back(one);
        if (away) co_return failure(errc::database_unavailable);
        co_return out;
    }
    ear listen(std::string_view headers = {}, std::string_view query = {}) const
    {
        return {server->port(), headers, query};
    }
    ear from(std::int64_t pos, std::string_view headers = {}) const
    {
        return listen("Last-Event-ID: " + token_of({kHistory, pos}) + "\r\n" +
                      std::string(headers));
    }

    doorman who;
    event_hub* shown = nullptr;
    places where{shown};
    cache::response_cache cache{1U << 20};
    std::vector<store::position> outbox;
    std::atomic<int> reads{0};
    std::atomic<bool> away{false};
    std::atomic<std::chrono::milliseconds> age{std::chrono::milliseconds(1h)};
    std::unique_ptr<event_hub> hub;
    store::event_feed::listener feed;
    std::unique_ptr<http::server> server;
};

constexpr std::string_view kCashier = "Authorization: Bearer cashier:u1:s1\r\n";

}  // namespace

TEST_CASE("a stream begins at the head with its id and goes on in order")
{
    node_with_streams at;
    auto one = at.listen();
    REQUIRE(one.hears("retry: 1000\nid: 9.10.ff\n\n"));
    CHECK(one.heard.starts_with("HTTP/1.1 200 "));
    for (const auto* header : {"Content-Type: text/event-stream\r\n", "Cache-Control: no-store\r\n",
                               "X-Accel-Buffering: no\r\n", "Kieng-Token: 9.10.ff\r\n"})
        CHECK(one.heard.find(header) != std::string::npos);
    CHECK(one.heard.find("Content-Encoding") == std::string::npos);
    at.feed.arrived(product(12));
    at.feed.arrived(product(11));
    at.feed.advanced(12);
    at.apply(session_end(13, "s9", "u9"));
    at.apply(product(14));
    REQUIRE(one.hears("id: 9.14.ff\n\n"));
    const auto first = one.heard.find("\"pos\":11"), second = one.heard.find("\"pos\":12");
    CHECK(first < second);
    CHECK(second < one.heard.find("\"pos\":14"));
    CHECK(one.heard.find("\"pos\":13") == std::string::npos);
    CHECK(one.heard.find("price") == std::string::npos);
}

TEST_CASE("ids come while nothing happens, for what the caller may not see, too")
{
    event_limits often;
    often.idle = 20ms;
    node_with_streams at(often);
    auto one = at.listen();
    at.apply(session_end(11, "s9", "u9"));
    CHECK(one.hears("id: 9.11.ff\n\n"));
    CHECK(one.heard.find("event:") == std::string::npos);
}

TEST_CASE("a stream is resumed from memory, with the header or with the query")
{
    node_with_streams at;
    for (std::int64_t pos = 11; pos <= 14; ++pos) at.apply(product(pos));
    auto header = at.from(12, kCashier);
    CHECK(header.hears("id: 9.14.ff\n\n"));
    CHECK(header.heard.find("\"pos\":12") == std::string::npos);
    CHECK(header.heard.find("\"pos\":13") != std::string::npos);
    CHECK(header.heard.find("\"data\":{\"price\":1}") != std::string::npos);
    auto query = at.listen({}, "?lastEventId=9.13.ff");
    CHECK(query.hears("id: 9.14.ff\n\n"));
    CHECK(query.heard.find("\"pos\":13") == std::string::npos);
    CHECK(at.reads == 0);
}

TEST_CASE("much that the caller may not see does not hold up what comes after it")
{
    event_limits silent;
    silent.idle = 1h;
    node_with_streams at(silent);
    for (std::int64_t pos = 11; pos <= 800; ++pos) at.apply(session_end(pos, "s9", "u9"));
    at.apply(product(801));
    auto one = at.from(10);
    CHECK(one.hears("id: 9.801.ff\n\n"));
}

TEST_CASE("what memory no longer has is read from the outbox, once for all who ask")
{
    event_limits few;
    few.ring.positions = 2;
    node_with_streams at(few);
    for (std::int64_t pos = 1; pos <= 1200; ++pos) at.outbox.push_back(product(pos));
    for (std::int64_t pos = 11; pos <= 1200; ++pos) at.apply(product(pos));
    auto one = at.from(3);
    REQUIRE(one.hears("id: 9.1200.ff\n\n"));
    std::size_t found = 0;
    for (std::int64_t pos = 4; pos <= 1200; ++pos) {
        const auto next = one.heard.find("\"pos\":" + std::to_string(pos) + ",", found);
        REQUIRE(next != std::string::npos);
        found = next;
    }
    CHECK(one.heard.find("reset") == std::string::npos);
    const int reads = at.reads;
    for (int i = 0; i < 6; ++i) {
        auto more = at.from(990);
        CHECK(more.hears("id: 9.1200.ff\n\n"));
    }
    CHECK(at.reads <= reads + 3);  // the other thread's desk reads for itself
}

TEST_CASE("while the outbox cannot be read a stream waits, and goes on when it can")
{
    event_limits few;
    few.ring.positions = 1;
    few.idle = 20ms;
    node_with_streams at(few);
    for (std::int64_t pos = 11; pos <= 13; ++pos) {
        at.outbox.push_back(product(pos));
        at.apply(product(pos));
    }
    at.away = true;
    auto one = at.from(10);
    REQUIRE(http::test::eventually_true([&] { return at.reads > 0; }));
    at.away = false;
    CHECK(one.hears("id: 9.13.ff\n\n"));
}

TEST_CASE("a place that is no longer known is told once, with where the stream goes on")
{
    node_with_streams at;
    at.outbox = {product(8), product(9), product(10)};
    for (const auto* id : {"8.10.ff", "nonsense", "9.3.ff"}) {
        CAPTURE(std::string(id));
        auto one = at.listen("Last-Event-ID: " + std::string(id) + "\r\n");
        REQUIRE(one.hears("event: reset\ndata: {\"pos\":10}\nid: 9.10.ff\n\n"));
    }
    auto known = at.from(7);
    REQUIRE(known.hears("id: 9.10.ff\n\n"));
    CHECK(known.heard.find("reset") == std::string::npos);
    CHECK(known.heard.find("\"pos\":8") != std::string::npos);
}

TEST_CASE("a node that is behind its client waits and never goes back")
{
    node_with_streams at;
    auto one = at.from(12);
    REQUIRE(one.hears("id: 9.12.ff\n\n"));
    for (std::int64_t pos = 11; pos <= 13; ++pos) at.apply(product(pos));
    REQUIRE(one.hears("id: 9.13.ff\n\n"));
    CHECK(one.heard.find("\"pos\":11") == std::string::npos);
    CHECK(one.heard.find("\"pos\":12") == std::string::npos);
    CHECK(one.heard.find("reset") == std::string::npos);
}

TEST_CASE(
    "what ended a session before the place of its client ends the stream on a node that was behind")
{
    node_with_streams at;
    auto one = at.from(12, kCashier);
    REQUIRE(one.hears("id: 9.12.ff\n\n"));
    at.apply(session_end(11, "s1", "u1"));
    CHECK(one.ends());
    CHECK(one.heard.find("event:") == std::string::npos);
}

TEST_CASE("a place beyond all that PostgreSQL has means that history was lost")
{
    node_with_streams at;
    at.age = -1h;  // compared after the question, and still not there
    auto one = at.from(99);
    CHECK(one.hears("event: reset\ndata: {\"pos\":10}\nid: 9.10.ff\n\n"));
}

TEST_CASE("a new history under way is told, and whoever is signed in proves it anew")
{
    node_with_streams at;
    auto nobody = at.listen(), cashier = at.listen(kCashier);
    REQUIRE(nobody.hears("id: 9.10.ff\n\n"));
    REQUIRE(cashier.hears("id: 9.10.ff\n\n"));
    at.feed.reset(4);
    at.feed.advanced(4);
    CHECK(nobody.hears("event: reset\ndata: {\"pos\":4}\nid: 9.4.ff\n\n"));
    CHECK(cashier.hears("event: reset\ndata: {\"pos\":4}\nid: 9.4.ff\n\n"));
    CHECK(cashier.ends());
    at.apply(product(5));
    CHECK(nobody.hears("id: 9.5.ff\n\n"));
}

TEST_CASE("a stream ends with its session, and others go on")
{
    node_with_streams at;
    auto mine = at.listen(kCashier);
    auto other = at.listen("Authorization: Bearer cashier:u1:s2\r\n");
    REQUIRE(mine.hears("id: 9.10.ff\n\n"));
    REQUIRE(other.hears("id: 9.10.ff\n\n"));
    at.apply(session_end(11, "s1", "u1"));
    CHECK(mine.hears("id: 9.11.ff\n\n"));
    CHECK(mine.ends());
    at.apply(product(12));
    CHECK(other.hears("id: 9.12.ff\n\n"));
    // What ended before the stream began is no news.
    auto again = at.from(10, kCashier);
    CHECK(again.hears("id: 9.12.ff\n\n"));
}

TEST_CASE("a stream ends when the access token does")
{
    node_with_streams at;
    auto one = at.listen("Authorization: Bearer brief:u1:s1\r\n");
    CHECK(one.ends());
    auto gone = at.listen("Authorization: Bearer gone:u1:s1\r\n");
    CHECK(gone.hears("HTTP/1.1 401 "));
}

TEST_CASE("draining ends the streams at once and lets no new one begin")
{
    node_with_streams at;
    auto one = at.listen();
    REQUIRE(one.hears("id: 9.10.ff\n\n"));
    at.server->begin_drain();
    CHECK(one.ends());
    auto late = at.listen();
    CHECK(late.hears("HTTP/1.1 503 "));
    CHECK(late.hears("\"draining\""));
}

TEST_CASE("streams have bounds of their own and are no handlers at work")
{
    event_limits few;
    few.streams_per_address = 3;
    node_with_streams at(few);
    {
        std::vector<std::unique_ptr<ear>> all;
        for (int i = 0; i < 3; ++i) {
            all.push_back(std::make_unique<ear>(at.server->port()));
            REQUIRE(all.back()->hears("id: 9.10.ff\n\n"));
        }
        auto more = at.listen();
        CHECK(more.hears("HTTP/1.1 503 "));
        CHECK(more.hears("Retry-After: 1\r\n"));
        CHECK(more.hears("\"overloaded\""));
        CHECK(at.server->snapshot().handlers == 0);
    }
    CHECK(http::test::eventually_true([&] { return at.hub->counts().streams == 0; }));
    auto again = at.listen();
    CHECK(again.hears("id: 9.10.ff\n\n"));
}

TEST_CASE("a client that does not take what it is sent is let go")
{
    node_with_streams at;
    auto deaf = at.listen(kCashier);
    REQUIRE(deaf.hears("id: 9.10.ff\n\n"));
    const std::string large = "\"" + std::string(1U << 20, 'x') + "\"";
    std::int64_t pos = 10;
    CHECK(http::test::eventually_true([&] {
        at.apply(product(++pos, large));
        return at.hub->counts().streams == 0;
    }));
    CHECK(deaf.breaks());
}

TEST_CASE("the cluster's view is shown at the start and when it changes, without an id")
{
    node_with_streams at;
    std::atomic<int> number{1};
    at.hub->follow_view([&] { return "{\"view\":" + std::to_string(number) + "}"; });
    auto one = at.listen();
    CHECK(one.hears("event: view\ndata: {\"view\":1}\n\n"));
    number = 2;
    at.hub->view_changed();
    CHECK(one.hears("event: view\ndata: {\"view\":2}\n\n"));
}

TEST_CASE("HEAD gives the header alone, and other kinds of answer are not had")
{
    node_with_streams at;
    http::test::client head(at.server->port());
    REQUIRE(head.send("HEAD /api/events HTTP/1.1\r\nHost: shop\r\n\r\n"));
    CHECK(head.read(true).status == 200);
    http::test::client json(at.server->port());
    REQUIRE(
        json.send("GET /api/events HTTP/1.1\r\nHost: shop\r\nAccept: application/json\r\n\r\n"));
    CHECK(json.read().status == 406);
    http::test::client wrong(at.server->port());
    REQUIRE(wrong.send("GET /api/events?last=1 HTTP/1.1\r\nHost: shop\r\n\r\n"));
    CHECK(wrong.read().status == 400);
    CHECK(http::test::eventually_true([&] { return at.hub->counts().streams == 0; }));
}
