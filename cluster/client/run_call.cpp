// Performs what the rules decide for one call of the caller.
#include "base/ids.hpp"
#include "cluster/client/client_core.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/string.hpp>

#include <charconv>
#include <deque>
#include <map>

namespace kieng::cluster::client {
namespace {

// The part of a call its attempts talk to. Lives as long as the last of them.
struct running {
    running(std::shared_ptr<client_core> of, const call_spec& how)
        : core(std::move(of)),
          rules(core->rules, how, core->now.steady()),
          wake(core->where)
    {
        core->waiting.insert(&wake);
    }
    ~running() { core->waiting.erase(&wake); }
    running(const running&) = delete;
    running& operator=(const running&) = delete;

    struct arrived {
        int attempt;
        report what;
    };

    std::shared_ptr<client_core> core;
    call rules;
    timer wake;
    attempt_order order;  // what all attempts have in common
    std::map<int, std::shared_ptr<connection>> live;
    std::map<int, answer> replies;
    std::deque<arrived> inbox;
    std::optional<finish_call> end;
};

bool is_read(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool reserved(std::string_view name)
{
    for (const std::string_view own : {"Host", "Content-Length", "Transfer-Encoding", "Connection",
                                       "Idempotency-Key", "Kieng-Token", "Kieng-Allow-Stale"}) {
        if (boost::beast::iequals(name, own)) return true;
    }
    return false;
}

// A line break in a value would be a header, or a request, of the value's own.
bool printable(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string head_of(const std::string& method, const std::string& target,
                    const header_list& headers, std::size_t body, const client_options& options)
{
    std::string head = method + " " + target + " HTTP/1.1\r\n";
    bool accept = false;
    bool agent = false;
    for (const auto& [name, value] : headers) {
        if (reserved(name) || !printable(name) || !printable(value)) continue;
        accept = accept || boost::beast::iequals(name, "Accept");
        agent = agent || boost::beast::iequals(name, "User-Agent");
        head += name + ": " + value + "\r\n";
    }
    if (!accept) head += "Accept: application/json\r\n";
    if (!agent) head += "User-Agent: " + options.user_agent + "\r\n";
    if (!is_read(method) || body > 0) head += "Content-Length: " + std::to_string(body) + "\r\n";
    return head;
}

void perform(const std::shared_ptr<running>& run, const send_attempt& what)
{
    attempt_order order = run->order;
    order.node = what.node;
    order.token = what.token;
    order.connect = what.connect;
    order.first_byte = what.first_byte;
    const int number = what.attempt;
    start_attempt(
        run->core, std::move(order),
        [&run, number](std::shared_ptr<connection> to) { run->live[number] = std::move(to); },
        [run, number](report came, answer reply) {
            run->live.erase(number);
            run->replies[number] = std::move(reply);
            run->inbox.push_back({number, std::move(came)});
            run->wake.cancel();
        });
}

void perform(const std::shared_ptr<running>& run, const drop_attempt& what)
{
    const auto at = run->live.find(what.attempt);
    if (at == run->live.end()) return;
    const auto dropped = at->second;
    run->live.erase(at);
    dropped->close();
    run->core->forget(dropped);
}

void perform(const std::shared_ptr<running>& run, const finish_call& what)
{
    run->end = what;
}

void perform(const std::shared_ptr<running>& run, const std::vector<call_action>& actions)
{
    for (const call_action& one : actions) {
        std::visit([&](const auto& what) { perform(run, what); }, one);
    }
    run->core->tell();
}

std::string code_of(const finish_call& end)
{
    if (end.end == call_end::served) return {};
    if (end.end == call_end::cancelled && end.said.status == 0) return "cancelled";
    if (end.said.how != ending::answer) return std::string(name_of(end.said.how));
    if (!end.said.said.code.empty()) return end.said.said.code;
    return "http_" + std::to_string(end.said.status);
}

outcome outcome_of(running& run, std::string key)
{
    const finish_call& end = *run.end;
    outcome out;
    out.ok = end.end == call_end::served;
    out.effect = end.effect;
    out.end = end.end;
    out.code = code_of(end);
    out.attempts = end.attempts;
    out.key = std::move(key);
    out.stale = end.said.stale;
    out.server = run.core->rules.known.name(end.node);
    const auto at = run.replies.find(end.attempt);
    if (end.attempt == 0 || at == run.replies.end()) return out;
    out.reply = std::move(at->second);
    out.replayed = out.reply.header("Idempotency-Replayed") == "true";
    int age = 0;
    const std::string_view told = out.reply.header("Age");
    std::from_chars(told.data(), told.data() + told.size(), age);
    if (out.stale) out.age = std::chrono::seconds(age);
    return out;
}

task<> follow(std::shared_ptr<running> run)
{
    const clock& now = run->core->now;
    perform(run, run->rules.start(now.steady()));
    while (!run->end) {
        if (run->inbox.empty()) {
            boost::system::error_code woken;
            run->wake.expires_at(run->rules.wake_at().value_or(now.steady()));
            auto token = asio::redirect_error(use_task_t{}, woken);
            co_await run->wake.async_wait(token);
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        if (run->core->stopped || state.cancelled() != asio::cancellation_type::none) {
            perform(run, run->rules.cancel(now.steady()));
        } else if (!run->inbox.empty()) {
            const running::arrived one = std::move(run->inbox.front());
            run->inbox.pop_front();
            perform(run, run->rules.ended(one.attempt, one.what, now.steady()));
        } else {
            perform(run, run->rules.tick(now.steady()));
        }
    }
}

call_spec spec_of(const std::string& method, const std::string& key, const call_options& how)
{
    call_spec spec;
    spec.read = is_read(method);
    spec.keyed = !key.empty();
    spec.hedge = how.hedge && method == "GET";
    spec.deadline = how.deadline;
    spec.attempt_timeout = how.attempt_timeout;
    return spec;
}

std::string key_of(const client_core& core, const std::string& method, const call_options& how)
{
    if (is_read(method)) return {};
    switch (how.use_key) {
    case key_use::automatic: return make_uuid(core.now, core.bits);
    case key_use::none: return {};
    case key_use::given: break;
    }
    return how.key;
}

}  // namespace

task<outcome> run_call(std::shared_ptr<client_core> core, std::string method, std::string target,
                       header_list headers, std::string body, call_options how)
{
    std::string key = key_of(*core, method, how);
    auto run = std::make_shared<running>(core, spec_of(method, key, how));
    run->order.method = method;
    run->order.head = head_of(method, target, headers, body.size(), core->options);
    if (!key.empty()) run->order.head += "Idempotency-Key: " + key + "\r\n";
    if (how.allow_stale && is_read(method)) {
        run->order.stale_allowed = true;
        run->order.head +=
            "Kieng-Allow-Stale: " + std::to_string(how.allow_stale->count()) + "\r\n";
    }
    run->order.body = std::make_shared<const std::string>(std::move(body));
    // A cancelled call still says what became of it.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await follow(run);
    co_await asio::this_coro::throw_if_cancelled(true);
    co_return outcome_of(*run, std::move(key));
}

}  // namespace kieng::cluster::client
