// One attempt: connection, request, answer, report.
#include "cluster/client/answer_json.hpp"
#include "cluster/client/client_core.hpp"

#include <charconv>

namespace kieng::cluster::client {
namespace {

struct attempt {
    std::shared_ptr<client_core> core;
    attempt_order order;
    std::shared_ptr<connection> to;
    bool fresh = false;
    attempt_done done;
    steady_time begun;
    report seen;
    answer reply;

    void finish(ending how)
    {
        if (!done) return;
        seen.how = how;
        core->forget(how == ending::answer ? nullptr : to);
        if (how != ending::answer) to->close();
        std::exchange(done, {})(std::move(seen), std::move(reply));
    }
    // From here on silence ends the attempt.
    void patience(const std::shared_ptr<attempt>& self, milliseconds time, ending silent)
    {
        const milliseconds late = core->options.numbers.timer_late;
        to->watch(time, core->now, [self, silent, late](milliseconds by) {
            self->seen.ours = by > late;
            self->finish(silent);
        });
    }
    [[nodiscard]] milliseconds elapsed() const
    {
        return std::chrono::duration_cast<milliseconds>(core->now.steady() - begun);
    }
};

bool says_json(std::string_view type)
{
    const auto bare = type.substr(0, type.find(';'));
    return bare == "application/json" || bare.ends_with("+json");
}

// A body that should be JSON and is not was cut or replaced on the way.
bool is_sound(const answer& reply, const attempt_order& order)
{
    if (order.method == "HEAD" || reply.status == 204 || reply.status == 304) return true;
    if (reply.status >= 300 || !says_json(reply.header("Content-Type"))) return true;
    if (!reply.header("Content-Encoding").empty()) return true;
    return is_json(reply.body);
}

bool is_foreign(const answer& reply, const std::string& cluster)
{
    const std::string_view named = reply.header("Kieng-Cluster");
    if (!cluster.empty() && !named.empty() && named != cluster) return true;
    return reply.status >= 300 && reply.status < 400 && reply.status != 304;
}

void read_report(attempt& one)
{
    report& seen = one.seen;
    const answer& reply = one.reply;
    seen.status = reply.status;
    seen.token = reply.header("Kieng-Token");
    seen.stale = one.order.stale_allowed && !reply.header("Age").empty();
    if (reply.status < 400) return;
    const read_problem problem = problem_of(reply.body);
    seen.said = problem.said;
    const auto asked =
        parse_retry_after(reply.header("Retry-After"), reply.header("Date"), one.core->now.wall());
    seen.asked = std::max(problem.after, asked.value_or(milliseconds(0)));
}

std::string head_of(const attempt_order& order, const std::string& authority)
{
    std::string head = order.head;
    head += "Host: " + authority + "\r\n";
    if (!order.token.empty()) head += "Kieng-Token: " + order.token + "\r\n";
    return head + "\r\n";
}

task<> perform(std::shared_ptr<attempt> one)
{
    client_core& core = *one->core;
    const std::shared_ptr<connection> to = one->to;
    if (one->fresh) {
        one->patience(one, one->order.connect, ending::unreachable);
        if (co_await to->open()) co_return one->finish(ending::unreachable);
    }
    one->patience(one, std::max(one->order.first_byte - one->elapsed(), milliseconds(1)),
                  ending::timeout);
    // A server that refuses early may have answered although it took no more of the body: look, whatever writing says.
    std::string head = head_of(one->order, core.endpoints[one->order.node].authority);
    const std::shared_ptr<const std::string> body = one->order.body;
    co_await to->write(std::move(head), *body);
    const read_limits limits{core.options.max_header, core.options.max_body};
    const auto read = co_await to->read_head(one->order.method != "HEAD", limits);
    if (read.failed) co_return one->finish(ending::lost);
    one->seen.status = read.status;
    one->seen.latency = one->elapsed();
    const milliseconds stall = core.options.numbers.body_stall;
    one->patience(one, stall, ending::broken);
    std::function<void()> progress = [one, stall] {
        if (one->done) one->patience(one, stall, ending::broken);
    };
    const auto failed = co_await to->read_body(one->reply, std::move(progress));
    if (!one->done) co_return;
    if (failed || !is_sound(one->reply, one->order)) co_return one->finish(ending::broken);
    if (is_foreign(one->reply, core.rules.known.cluster())) co_return one->finish(ending::foreign);
    read_report(*one);
    core.give_back(one->order.node, to);
    one->finish(ending::answer);
}

}  // namespace

void start_attempt(std::shared_ptr<client_core> core, attempt_order order,
                   const std::function<void(std::shared_ptr<connection>)>& started,
                   attempt_done done)
{
    auto one = std::make_shared<attempt>();
    auto taken = core->take(order.node);
    one->begun = core->now.steady();
    one->core = std::move(core);
    one->order = std::move(order);
    one->to = std::move(taken.to);
    one->fresh = taken.fresh;
    one->done = std::move(done);
    started(one->to);
    spawn(one->core->where, perform(one),
          [one](const std::exception_ptr&) { one->finish(ending::lost); });
}

task<answer> ask(std::shared_ptr<client_core> core, std::size_t node, std::string target,
                 milliseconds patience)
{
    attempt_order order{.node = node,
                        .method = "GET",
                        .token = {},
                        .connect = std::min(patience, core->options.numbers.attempt_unknown),
                        .first_byte = patience};
    order.head = "GET " + target + " HTTP/1.1\r\nUser-Agent: " + core->options.user_agent +
                 "\r\nAccept: application/json\r\n";
    order.body = std::make_shared<const std::string>();
    auto begin = [core, order](promise<answer> tell) {
        auto shared = std::make_shared<promise<answer>>(std::move(tell));
        start_attempt(
            core, order, [](const std::shared_ptr<connection>&) {},
            [shared](const report& what, answer reply) {
                const bool whole = what.how == ending::answer;
                (*shared)(whole ? std::move(reply) : answer{});
            });
    };
    answer out = co_await await_promise<answer>(std::move(begin));
    co_return out;
}

}  // namespace kieng::cluster::client
