// Cases of the level "rules": the machine of cluster/core is fed by hand, with virtual time.
#include "cluster/client/answer_json.hpp"
#include "cluster/client/testing.hpp"
#include "cluster/core/client_call.hpp"

#include <map>

namespace kieng::cluster::client::testing {
namespace {

using std::string;

ending ending_named(const string& name)
{
    for (const ending one : {ending::answer, ending::unreachable, ending::lost, ending::timeout,
                             ending::broken, ending::foreign}) {
        if (name_of(one) == name) return one;
    }
    throw std::invalid_argument("no ending is called " + name);
}

string text_at(const json& in, const char* name)
{
    const auto at = in.find(name);
    return at != in.end() && at->is_string() ? at->get<string>() : string();
}

report report_of(const json& in)
{
    const json as_problem{{"code", text_at(in, "code")},
                          {"scope", text_at(in, "scope")},
                          {"committed", text_at(in, "committed")},
                          {"retry", {{"where", text_at(in, "where")}}}};
    report out;
    out.how = ending_named(in.value("how", "answer"));
    out.status = in.value("status", 0);
    out.said = problem_of(as_problem.dump()).said;
    out.asked = milliseconds(in.value("askedMs", 0));
    out.token = in.value("token", "");
    out.latency = milliseconds(in.value("latencyMs", 0));
    out.stale = in.value("stale", false);
    out.ours = in.value("ours", false);
    return out;
}

class bench {
public:
    explicit bench(const json& one)
        : case_(one),
          shared_(settings_of(one.at("given")), nodes_of(one.at("given")),
                  one.at("given").value("cluster", ""), jitter_of(one.at("given")))
    {
        shared_.token.seen(one.at("given").value("token", ""));
    }

    complaints run()
    {
        int number = 0;
        for (const json& step : case_.at("steps")) {
            where_ = "step " + std::to_string(++number);
            now_ = begin_ + milliseconds(step.at("at").get<int>());
            perform(step);
        }
        return std::move(wrong_);
    }

private:
    static std::vector<configured_node> nodes_of(const json& given)
    {
        std::vector<configured_node> out;
        for (const json& one : given.at("servers")) {
            const string id = one.at("id");
            out.push_back({.id = id, .url = "http://" + id, .priority = one.at("priority")});
        }
        return out;
    }
    [[nodiscard]] std::size_t node(const string& name) const
    {
        for (std::size_t i = 0; i < shared_.known.size(); ++i) {
            if (shared_.known.url(i) == "http://" + name) return i;
        }
        throw std::invalid_argument("no server is called " + name);
    }
    [[nodiscard]] string name(std::size_t index) const
    {
        return shared_.known.url(index).substr(7);
    }

    void perform(const json& step)
    {
        if (step.contains("begin"))
            begin(step);
        else if (step.contains("ended"))
            on_call(step, step["ended"]["call"],
                    call_of(step["ended"]["call"])
                        .ended(step["ended"]["attempt"], report_of(step["ended"]), now_));
        else if (step.contains("tick"))
            on_call(step, step["tick"], call_of(step["tick"]).tick(now_));
        else if (step.contains("cancel"))
            on_call(step, step["cancel"], call_of(step["cancel"]).cancel(now_));
        else
            on_fleet(step);
    }
    call& call_of(const string& name) { return *calls_.at(name); }

    void begin(const json& step)
    {
        const json& in = step["begin"];
        call_spec spec;
        spec.read = in["method"] == "GET" || in["method"] == "HEAD";
        spec.keyed = in["key"];
        spec.hedge = in["hedge"];
        if (in.contains("deadlineMs")) spec.deadline = milliseconds(in["deadlineMs"].get<int>());
        if (in.contains("attemptTimeoutMs"))
            spec.attempt_timeout = milliseconds(in["attemptTimeoutMs"].get<int>());
        const string label = in["call"];
        calls_[label] = std::make_unique<call>(shared_, spec, now_);
        on_call(step, label, calls_[label]->start(now_));
    }

    json told(const send_attempt& what) const
    {
        return {{"send", what.attempt},
                {"node", name(what.node)},
                {"firstByteMs", what.first_byte.count()},
                {"connectMs", what.connect.count()},
                {"token", what.token},
                {"hedge", what.hedge}};
    }
    static json told(const drop_attempt& what) { return {{"drop", what.attempt}}; }
    json told(const finish_call& what) const
    {
        return {{"finish", name_of(what.end)},
                {"attempt", what.attempt},
                {"attempts", what.attempts},
                {"node", name(what.node)},
                {"committed", client::name_of(what.effect)},
                {"how", name_of(what.said.how)},
                {"status", what.said.status},
                {"code", what.said.said.code}};
    }

    void on_call(const json& step, const string& label, const std::vector<call_action>& actions)
    {
        json found = json::array();
        for (const call_action& one : actions) {
            found.push_back(std::visit([this](const auto& what) { return told(what); }, one));
        }
        const json& wanted = step.at("then");
        if (found.size() != wanted.size()) {
            wrong_.push_back(where_ + ": wanted " + wanted.dump() + ", found " + found.dump());
            return;
        }
        for (std::size_t i = 0; i < wanted.size(); ++i)
            compare(where_, wanted[i], found[i], wrong_);
        if (!step.contains("wakeAt")) return;
        const auto wake = calls_.at(label)->wake_at();
        const json at =
            wake ? json(std::chrono::duration_cast<milliseconds>(*wake - begin_).count()) : json();
        check("wakeAt", step["wakeAt"], at);
    }

    void on_fleet(const json& step)
    {
        fleet& known = shared_.known;
        if (step.contains("record")) {
            const report what = report_of(step["record"]);
            for (int i = 0; i < step["record"]["times"]; ++i)
                known.record(node(step["record"]["node"]), step["record"]["read"], what,
                             judge(what), now_);
        } else if (step.contains("samples")) {
            feed(step["samples"]);
        } else if (step.contains("order")) {
            json names = json::array();
            for (const std::size_t one : known.order(step["order"]["read"], now_))
                names.push_back(name(one));
            check("order", step["is"], names);
        } else if (step.contains("view")) {
            merge(step);
        } else if (step.contains("probes")) {
            json names = json::array();
            for (const std::size_t one : known.take_due_probes(now_)) names.push_back(name(one));
            check("probes", step["probes"], names);
        } else if (step.contains("probed")) {
            known.probe_done(node(step["probed"]), step["good"], now_);
        } else {
            look(step);
        }
    }

    void look(const json& step)
    {
        if (step.contains("open")) {
            check("open", step["is"], shared_.known.shut(node(step["open"])));
        } else if (step.contains("state")) {
            check("state", step["state"], name_of(shared_.known.state()));
        } else if (step.contains("events")) {
            json found = json::array();
            for (const event& one : shared_.known.take_events()) found.push_back(json_of(one));
            check("events", step["events"], found);
        } else if (step.contains("retryAfter")) {
            const auto got = parse_retry_after(step["retryAfter"].get<string>(),
                                               step["date"].get<string>(), wall_time{});
            check("retryAfter", step["is"], got ? json(got->count()) : json());
        } else {
            wrong_.push_back(where_ + ": a step this runner does not know: " + step.dump());
        }
    }

    void feed(const json& in)
    {
        for (const json& one : in["ms"]) {
            report good;
            good.status = 200;
            good.latency = milliseconds(one.get<int>());
            shared_.known.record(node(in["node"]), in["read"], good, judge(good), now_);
        }
    }

    void merge(const json& step)
    {
        const auto told = view_of(step["view"].dump());
        const view_news news = shared_.known.merge(told.value(), node(step["from"]), now_);
        const char* found = news == view_news::taken ? "taken"
                            : news == view_news::old ? "old"
                                                     : "foreign";
        check("news", step["news"], found);
    }

    void check(const string& what, const json& wanted, const json& found)
    {
        if (wanted != found)
            wrong_.push_back(where_ + ": " + what + " should be " + wanted.dump() + " and is " +
                             found.dump());
    }

    const json& case_;
    client_state shared_;
    std::map<string, std::unique_ptr<call>> calls_;
    const steady_time begin_{std::chrono::hours(1)};
    steady_time now_;
    string where_;
    complaints wrong_;
};

}  // namespace

complaints run_rules_case(const json& one)
{
    return bench(one).run();
}

}  // namespace kieng::cluster::client::testing
