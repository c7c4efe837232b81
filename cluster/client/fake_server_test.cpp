// Scripted servers: each request takes the next script of its server and is answered, or ill-treated, as that says.
#include "cluster/client/testing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <set>

namespace kieng::cluster::client::testing {
namespace {

using tcp = asio::ip::tcp;
using error = boost::system::error_code;
using socket = asio::basic_stream_socket<tcp, executor>;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;

// Characters up to U+00FF become bytes: a script can name any byte.
std::string bytes_of(const std::string& utf8)
{
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        if (lead < 0x80 || i + 1 == utf8.size())
            out += utf8[i];
        else
            out += static_cast<char>(((lead & 0x03) << 6) |
                                     (static_cast<unsigned char>(utf8[++i]) & 0x3f));
    }
    return out;
}

std::string lower(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::string answer_bytes(const json& script)
{
    if (script.contains("raw")) return bytes_of(script["raw"]);
    if (!script.contains("status") && !script.contains("text")) return {};
    std::string body = script.value("text", "");
    std::string head = "HTTP/1.1 " + std::to_string(script.value("status", 200)) + " Scripted\r\n";
    bool typed = false;
    const json given = script.value("headers", json::object());
    for (const auto& [name, value] : given.items()) {
        typed = typed || name == "Content-Type";
        head += name + ": " + value.get<std::string>() + "\r\n";
    }
    if (script.contains("json")) {
        body = script["json"].dump();
        if (!typed) head += "Content-Type: application/json\r\n";
    }
    if (script.contains("padHeader"))
        head += "X-Long: " + std::string(script["padHeader"].get<std::size_t>(), 'x') + "\r\n";
    return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

struct fake_servers::state {
    explicit state(const executor& on) : where(on) {}

    executor where;
    std::map<std::string, std::uint16_t> ports;
    std::map<std::string, json> scripts;  // those not used yet
    std::map<std::string, std::shared_ptr<acceptor>> listening;
    std::set<std::shared_ptr<socket>> open;
    std::vector<arrival> seen;
    std::vector<std::string> background;
    std::function<void()> arrived;

    json next(const std::string& name)
    {
        json& left = scripts[name];
        if (left.empty()) {
            if (name.ends_with(".views")) return {{"end", "hold"}, {"cutAt", 0}};
            if (name.ends_with(".ready")) return {{"status", 503}};
            if (name.ends_with(".events")) return {{"status", 404}, {"json", json::object()}};
            return {{"status", 200}, {"json", {{"ok", true}}}};
        }
        json first = left.front();
        left.erase(left.begin());
        return first;
    }
    [[nodiscard]] bool next_is_unread(const std::string& name)
    {
        const json& left = scripts[name];
        return !left.empty() && left.front().value("unread", false);
    }
    [[nodiscard]] std::string filled(std::string text) const
    {
        for (const auto& [name, port] : ports) {
            const std::string mark = "{url:" + name + "}";
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
                text.replace(at, mark.size(), "http://127.0.0.1:" + std::to_string(port));
            }
        }
        return text;
    }
};

namespace {

using shared_state = std::shared_ptr<fake_servers::state>;

// Reads one request; false when the client left.
task<bool> read_request(std::shared_ptr<socket> from, std::shared_ptr<std::string> buffer,
                        arrival& into)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    const std::size_t size =
        co_await asio::async_read_until(*from, asio::dynamic_buffer(*buffer), "\r\n\r\n", token);
    if (failed) co_return false;
    const std::string head = buffer->substr(0, size);
    buffer->erase(0, size);
    const auto line = head.find("\r\n");
    const auto first = head.find(' ');
    const auto second = head.find(' ', first + 1);
    into.method = head.substr(0, first);
    into.target = head.substr(first + 1, second - first - 1);
    std::size_t length = 0;
    for (auto at = line + 2; at + 2 < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto colon = head.find(": ", at);
        into.headers.emplace_back(lower(head.substr(at, colon - at)),
                                  head.substr(colon + 2, end - colon - 2));
        if (into.headers.back().first == "content-length")
            length = std::stoul(into.headers.back().second);
        at = end + 2;
    }
    if (buffer->size() < length) {
        co_await asio::async_read(*from, asio::dynamic_buffer(*buffer),
                                  asio::transfer_exactly(length - buffer->size()), token);
        if (failed) co_return false;
    }
    into.body = buffer->substr(0, length);
    buffer->erase(0, length);
    into.at = system_clock().steady();
    co_return true;
}

void end_by_reset(socket& with)
{
    error ignored;
    with.set_option(asio::socket_base::linger(true, 0), ignored);
    with.close(ignored);
}

task<> hold(std::shared_ptr<socket> with)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    std::array<char, 256> ignored{};
    while (!failed) co_await with->async_read_some(asio::buffer(ignored), token);
}

// Whether the connection goes on.
task<bool> play(shared_state all, std::shared_ptr<socket> with, json script)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    if (script.contains("delayMs")) {
        timer pause(all->where, milliseconds(script["delayMs"].get<int>()));
        co_await pause.async_wait(token);
    }
    std::string bytes = answer_bytes(json::parse(all->filled(script.dump())));
    const bool cut = script.contains("cutAt");
    if (cut) bytes.resize(std::min(bytes.size(), script["cutAt"].get<std::size_t>()));
    if (!bytes.empty()) co_await asio::async_write(*with, asio::buffer(bytes), token);
    const std::string end = script.value("end", cut ? "close" : "keep");
    if (end == "reset") end_by_reset(*with);
    if (end == "close") with->close(failed);
    if (end == "hold") co_await hold(with);
    co_return end == "keep" && !failed;
}

void note(const shared_state& all, arrival came, bool background)
{
    if (background)
        all->background.push_back(came.server + " " + came.target);
    else
        all->seen.push_back(std::move(came));
    if (all->arrived) all->arrived();
}

task<> serve(shared_state all, std::string name, std::shared_ptr<socket> with)
{
    auto buffer = std::make_shared<std::string>();
    bool on = true;
    if (all->next_is_unread(name)) {
        json script = all->next(name);
        script["cutAt"] = 0;
        on = co_await play(all, with, std::move(script));
        on = false;
    }
    while (on) {
        arrival came;
        came.server = name;
        on = co_await read_request(with, buffer, came);
        if (!on) break;
        std::string play_from = name;
        if (came.target == "/ready") play_from += ".ready";
        if (came.target.starts_with("/api/cluster/healthy-servers")) play_from += ".views";
        if (came.target == "/api/events") play_from += ".events";
        json script = all->next(play_from);
        note(all, std::move(came), play_from != name);
        on = co_await play(all, with, std::move(script));
    }
    error ignored;
    with->close(ignored);
    all->open.erase(with);
}

task<> accept(shared_state all, std::string name, std::shared_ptr<acceptor> on)
{
    error failed;
    auto token = asio::redirect_error(use_task_t{}, failed);
    while (!failed) {
        auto next = std::make_shared<socket>(all->where);
        co_await on->async_accept(*next, token);
        if (failed) break;
        all->open.insert(next);
        spawn(all->where, serve(all, name, next), {});
    }
}

}  // namespace

fake_servers::fake_servers(const executor& where, const json& scripts)
    : state_(std::make_shared<state>(where))
{
    for (const std::string name : {"a", "b", "c"}) {
        auto on =
            std::make_shared<acceptor>(where, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        state_->ports[name] = on->local_endpoint().port();
        state_->listening[name] = std::move(on);
    }
    for (const auto& [name, value] : scripts.items()) {
        if (value == "refuse")
            state_->listening.erase(name);
        else
            state_->scripts[name] = value;
    }
    for (const auto& [name, on] : state_->listening) spawn(where, accept(state_, name, on), {});
}

fake_servers::~fake_servers()
{
    stop();
}

std::string fake_servers::url(const std::string& server) const
{
    return "http://127.0.0.1:" + std::to_string(state_->ports.at(server));
}

const std::vector<arrival>& fake_servers::seen() const
{
    return state_->seen;
}
const std::vector<std::string>& fake_servers::background() const
{
    return state_->background;
}
void fake_servers::on_arrival(std::function<void()> callback)
{
    state_->arrived = std::move(callback);
}

void fake_servers::stop()
{
    error ignored;
    state_->arrived = {};
    for (const auto& [name, on] : state_->listening) on->close(ignored);
    for (const auto& one : state_->open) one->close(ignored);
}

}  // namespace kieng::cluster::client::testing
