// The commands that only look.
#include "cluster/ctl/commands.hpp"
#include "cluster/ctl/report_text.hpp"

#include <unistd.h>

#include <cstdio>

namespace kieng::cluster::ctl {
namespace {

// A place of its own on the terminal, given back in the end, also when the operator interrupts.
class live_screen {
public:
    explicit live_screen(bool wanted) : on_(wanted)
    {
        if (on_) print("\x1b[?1049h\x1b[?25l");
    }
    ~live_screen()
    {
        if (on_) print("\x1b[?25h\x1b[?1049l");
    }
    live_screen(const live_screen&) = delete;
    live_screen& operator=(const live_screen&) = delete;

    [[nodiscard]] bool on() const { return on_; }
    void show(const std::string& text) const { print("\x1b[H\x1b[J" + text); }

private:
    bool on_;
};

std::string in_one_line(const std::string& json)
{
    return json.ends_with('\n') ? json : json + "\n";
}

// One look of watch. `seen` is what it came to.
std::string look_text(const or_failed<std::string>& came, const options& how, bool live,
                      exit_code& seen)
{
    const wall_time now = system_clock().wall();
    if (const auto* const why = std::get_if<failed>(&came)) {
        seen = why->code;
        if (how.json)
            return "{\"status\":\"fail\",\"at\":\"" + to_wire_time(now) + "\",\"members\":[]}\n";
        return to_wire_time(now) + " " + why->why + "\n";
    }
    const auto& body = std::get<std::string>(came);
    const auto read = read_status(body);
    if (!read) {
        seen = exit_code::refused;
        return "the answer is no status of a cluster\n";
    }
    seen = code_of(*read);
    if (how.json) return in_one_line(body);
    return live ? status_text(*read) : status_line(*read, now) + "\n";
}

task<node_health> health_of(caller& nodes, server_report who)
{
    std::string method = "GET";
    std::string target = "/api/health";
    const client::outcome came = co_await nodes.ask(who.url, std::move(method), std::move(target));
    node_health out;
    out.id = who.id;
    out.url = who.url;
    out.said = read_health(came.reply.body);
    out.why = came.code;
    out.body = came.reply.body;
    co_return out;
}

}  // namespace

void print(const std::string& text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

exit_code complain(const failed& why)
{
    std::fprintf(stderr, "kiengctl: %s\n", why.why.c_str());
    return why.code;
}

task<exit_code> show_status(caller& nodes, const options& how)
{
    std::string target = "/api/cluster/status";
    const auto came = co_await nodes.look(std::move(target));
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto& body = std::get<std::string>(came);
    const auto read = read_status(body);
    if (!read) co_return complain({exit_code::refused, "the answer is no status of a cluster"});
    print(how.json ? in_one_line(body) : status_text(*read));
    co_return code_of(*read);
}

task<exit_code> show_health(caller& nodes, const options& how)
{
    const auto came = co_await nodes.servers();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto& all = std::get<std::vector<server_report>>(came);
    std::vector<server_report> asked = all;
    if (!how.node.empty()) {
        const auto* const one = server_named(all, how.node);
        if (one == nullptr) co_return complain(unknown_node(all, how.node));
        asked = {*one};
    }
    std::vector<node_health> told;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        node_health one = co_await health_of(nodes, asked[i]);
        told.push_back(std::move(one));
    }
    print(how.json ? health_json(told) : health_text(told));
    co_return code_of(told);
}

task<exit_code> show_lag(caller& nodes, const options& how)
{
    const auto came = co_await nodes.status();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    const auto& what = std::get<cluster_report>(came);
    print(how.json ? lag_json(what, how.most_lag) : lag_text(what));
    co_return code_of_lag(what, how.most_lag);
}

task<exit_code> watch(caller& nodes, const options& how)
{
    const live_screen screen(!how.json && ::isatty(STDOUT_FILENO) == 1);
    exit_code seen = exit_code::well;
    for (int looks = 0; how.count == 0 || looks < how.count; ++looks) {
        if (looks > 0) co_await sleep_for(how.interval);
        std::string target = "/api/cluster/status";
        const auto came = co_await nodes.look(std::move(target));
        const std::string text = look_text(came, how, screen.on(), seen);
        if (screen.on())
            screen.show(text);
        else
            print(text);
    }
    co_return seen;
}

}  // namespace kieng::cluster::ctl
