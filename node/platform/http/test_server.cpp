#include "node/platform/http/test_server.hpp"

#include "base/clock.hpp"

#include <charconv>

namespace kieng::http::test {
namespace {

task<response> echo(request& req)
{
    std::string body =
        "{\"path\":" + json_string(req.path) + ",\"target\":" + json_string(req.target) +
        ",\"method\":\"" + std::string(name_of(req.method)) +
        "\",\"body\":" + json_string(req.body) + ",\"user\":\"" + req.who.user_id +
        "\",\"lang\":\"" + std::string(name_of(req.lang)) + "\",\"address\":\"" + req.address +
        "\",\"trace\":\"" + req.trace + "\",\"seen\":" + std::to_string(req.seen_pos) +
        ",\"key\":" + json_string(req.idempotency_key.value_or("")) + ",\"fault\":\"" +
        (req.token_fault ? std::string(kieng::name_of(req.token_fault->code)) : std::string()) +
        "\",\"params\":{";
    for (const auto& [name, value] : req.params) {
        if (body.back() != '{') body += ',';
        body += json_string(name) + ":" + json_string(value);
    }
    body += "},\"query\":[";
    for (const auto& [name, value] : req.query) {
        if (body.back() != '[') body += ',';
        body += json_string(name + "=" + value);
    }
    body += "]}";
    co_return json_response(200, std::move(body));
}

task<response> strict(request& req)
{
    std::vector<field_fault> faults;
    query_reader query(req, faults);
    (void)query.integer("limit", 1, 200);
    (void)query.boolean("total");
    (void)query.choice("sort", {"name", "price"});
    (void)query.uuid("id");
    (void)query.text("q", 10);
    query.finish();
    if (!faults.empty())
        co_return problem(failure(errc::invalid_parameter, std::move(faults)), req);
    co_return json_response(200, "{}");
}

task<response> fail(request& req)
{
    if (req.param("how") == "std") throw std::runtime_error("secret detail");
    if (req.param("how") == "odd") throw 7;
    co_return problem(failure(errc::database_unavailable), req);
}

task<response> big(request& req)
{
    std::size_t size = 0;
    const auto text = req.param("size");
    std::from_chars(text.data(), text.data() + text.size(), size);
    response made = json_response(200, std::string(size, 'x'));
    made.etag = "v1";
    made.cacheable = true;
    made.headers.emplace_back("Link", "a\r\nX-Forged: yes");
    made.pos = 42;
    co_return made;
}

task<response> count_body(request& req)
{
    std::size_t total = 0;
    for (;;) {
        auto piece = co_await req.stream->read();
        if (piece.has_error()) co_return problem(piece.error(), req);
        if (piece.value().empty()) break;
        total += piece.value().size();
    }
    co_return json_response(200, "{\"bytes\":" + std::to_string(total) + "}");
}

task<> write_lines(body_sink& sink)
{
    for (int i = 0; i < 1000; ++i) {
        std::string line = "line " + std::to_string(i) + "\n";
        const bool go_on = co_await sink.write(std::move(line));
        if (!go_on) co_return;
    }
}

task<> break_off(body_sink& sink)
{
    std::string line = "half\n";
    co_await sink.write(std::move(line));
    throw std::runtime_error("broken");
}

task<response> export_lines(request& req)
{
    response made;
    made.content_type = "text/csv; charset=utf-8";
    if (req.query_value("broken")) {
        made.stream = break_off;
    } else {
        made.stream = write_lines;
    }
    co_return made;
}

task<result<cache::loaded>> load_product(test_server* of, const request& req)
{
    ++of->loads;
    const auto id = std::string(req.param("id"));
    if (id == "broken") co_return result<cache::loaded>(failure(errc::database_unavailable));
    if (id == "throws") throw std::runtime_error("loader");
    cache::loaded made;
    made.pos = of->positions.applied();
    made.tags.push_back("product:" + id);
    if (id == "none") {
        made.status = 404;
    } else if (id == "just-gone") {
        made.status = 404;
        made.pos += 3;  // read from a database that is ahead of what the node has applied
    } else {
        made.body = "{\"id\":" + json_string(id) + ",\"lang\":\"" + std::string(name_of(req.lang)) +
                    "\",\"filler\":\"" +
                    std::string(id == "huge"    ? 20'000
                                : id == "large" ? 4000
                                                : 10,
                                'f') +
                    "\"}";
    }
    co_return result<cache::loaded>(std::move(made));
}

task<response> hold_until_let_go(test_server* of, request& req)
{
    ++of->holding;
    while (of->hold) {
        co_await sleep_for(std::chrono::milliseconds(2));
        if (req.left->load()) of->saw_client_leave = true;
    }
    --of->holding;
    co_return json_response(200, "{}");
}

}  // namespace

fake_authenticator::fake_authenticator()
{
    nobody_.role = "anonymous";
    for (const auto p : {p_read, p_health, p_sign_in, p_sign_out}) nobody_.permissions.set(p.bit);
    good_ = nobody_;
    good_.user_id = "user-1";
    good_.role = "manager";
    good_.permissions.set(p_write.bit);
}

result<caller> fake_authenticator::authenticate(std::string_view bearer) const
{
    if (bearer == "good") return good_;
    if (bearer == "expired") return failure(errc::token_expired);
    if (bearer == "ended") return failure(errc::session_ended);
    return failure(errc::token_invalid);
}

std::int64_t fake_positions::read(std::string_view token) const noexcept
{
    if (!token.starts_with("7.") || !token.ends_with(".00000000000000ab")) return 0;
    std::int64_t pos = 0;
    std::from_chars(token.data() + 2, token.data() + token.size(), pos);
    return pos;
}

task<bool> fake_positions::wait_for(std::int64_t pos, std::chrono::milliseconds time)
{
    ++waits_;
    const auto until = system_clock().steady() + time;
    while (applied_ < pos && system_clock().steady() < until)
        co_await sleep_for(std::chrono::milliseconds(1));
    co_return applied_ >= pos;
}

std::vector<route> test_server::table()
{
    const auto count_and_echo = [this](request& req) {
        ++handled;
        return echo(req);
    };
    const auto held = [this](request& req) { return hold_until_let_go(this, req); };
    const auto load = [this](const request& req) { return load_product(this, req); };
    return {
        {verb::get, "/echo", p_read, keyed::never, body_kind::none, count_and_echo},
        {verb::post, "/echo", p_read, keyed::never, body_kind::json, count_and_echo},
        {verb::patch, "/echo", p_read, keyed::never, body_kind::merge, count_and_echo},
        {verb::del, "/echo", p_write, keyed::never, body_kind::none, count_and_echo},
        {verb::get, "/echo/{id}", p_read, keyed::never, body_kind::none, count_and_echo},
        {verb::get, "/echo/{id}/part/{part}", p_read, keyed::never, body_kind::none,
         count_and_echo},
        {verb::get, "/echo/fixed", p_read, keyed::never, body_kind::none, strict},
        {verb::post, "/may", p_read, keyed::may, body_kind::json, count_and_echo},
        {verb::post, "/must", p_read, keyed::must, body_kind::json, count_and_echo},
        {verb::get, "/mine", p_write, keyed::never, body_kind::none, count_and_echo},
        {verb::get, "/admin", p_admin, keyed::never, body_kind::none, count_and_echo},
        {verb::get, "/health", p_health, keyed::never, body_kind::none, count_and_echo},
        {verb::post, "/sign-in", p_sign_in, keyed::never, body_kind::json, count_and_echo},
        {verb::post, "/sign-out", p_sign_out, keyed::never, body_kind::json, count_and_echo},
        {verb::get, "/fail/{how}", p_read, keyed::never, body_kind::none, fail},
        {verb::get, "/big/{size}", p_read, keyed::never, body_kind::none, big},
        {verb::post, "/import", p_read, keyed::never, body_kind::stream, count_body},
        {verb::get, "/export", p_health, keyed::never, body_kind::none, export_lines},
        {verb::get, "/hold", p_read, keyed::never, body_kind::none, held},
        {verb::get, "/products/{id}", p_read, keyed::never, body_kind::none, cached{load}},
        {verb::get, "/products", p_read, keyed::never, body_kind::none, cached{load}},
    };
}

test_server::test_server(server_options options)
{
    options.bind_address = "127.0.0.1";
    options.access_log = false;
    options.default_language = language::en;
    options.ignores_token.set(p_sign_in.bit);
    options.ignores_token.set(p_health.bit);
    options.always_answered.set(p_health.bit);
    options.offers_text.set(p_health.bit);
    server_ = std::make_unique<server>(std::move(options), table(), who, cache, positions);
    server_->start();
}

test_server::~test_server()
{
    hold = false;
    server_.reset();
}

reply test_server::ask(std::string_view bytes, bool head_only) const
{
    auto one = connect();
    one.send(bytes);
    return one.read(head_only);
}

reply test_server::get(std::string_view path, std::string_view headers) const
{
    return call("GET", path, headers);
}

reply test_server::call(std::string_view method, std::string_view path, std::string_view headers,
                        std::string_view body) const
{
    std::string text(method);
    text += " " + std::string(path) + " HTTP/1.1\r\nHost: shop\r\n" + std::string(headers);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n" + std::string(body);
    return ask(text, method == "HEAD");
}

bool eventually_true(const std::function<bool()>& condition)
{
    const auto until = system_clock().steady() + std::chrono::seconds(10);
    while (!condition()) {
        if (system_clock().steady() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace kieng::http::test
