#include "cluster/ctl/command_line.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <sstream>

namespace kieng::cluster::ctl {
namespace {

constexpr const char* kFooter =
    R"(The cluster is found by --url, else KIENG_URL, else SERVER_A_URL, SERVER_B_URL, ..., else http://127.0.0.1:4000;
one node that answers is enough, it names the others.
handover, drain, undrain, incarnation and drill sign in: --token, else KIENG_TOKEN, else OWNER_EMAIL and OWNER_PASSWORD.

Exit codes:
  0  well, or done
  1  degraded: it works, but something is wrong; or a drill missed its targets
  2  wrong use
  3  nobody answers
  4  refused: not signed in, not allowed, or a node said no
  5  asked for, but not seen to happen in time
  70  kiengctl itself failed
  130, 143  ended by Ctrl-C or SIGTERM)";

// A number of milliseconds as people give it: seconds, with a fraction if need be.
std::chrono::milliseconds in_milliseconds(double seconds)
{
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// What CLI11 fills before it becomes options.
struct raw {
    options out;
    std::vector<std::string> urls;
    std::string token;
    std::string to;
    std::string fault_name;
    std::vector<std::string> pids;
    double timeout = 15;
    double interval = 1;
    bool no_wait = false;
};

void add_looks(CLI::App& cli, raw& in)
{
    cli.add_subcommand("status", "Who is there, who is active, what happened");
    auto* const health = cli.add_subcommand("health", "How each node is, or one of them");
    health->add_option("node", in.out.node, "Id of a node");
    auto* const watch = cli.add_subcommand(
        "watch", "The status, live; one line per look when the output is no terminal");
    watch->add_option("--interval", in.interval, "Seconds between looks")
        ->check(CLI::Range(0.05, 3600.0))
        ->capture_default_str();
    watch->add_option("--count", in.out.count, "End after so many looks")
        ->check(CLI::Range(1, 1'000'000));
    auto* const lag = cli.add_subcommand("lag", "How far each node is behind what was written");
    lag->add_option("--most", in.out.most_lag, "Positions a node may be behind (exit code 1)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}))
        ->capture_default_str();
}

void add_changes(CLI::App& cli, raw& in)
{
    auto* const handover = cli.add_subcommand(
        "handover", "Give the active role to another node; clients notice nothing");
    handover->add_option("--to", in.to, "Id of the node to become active; else the best");
    auto* const drain = cli.add_subcommand("drain", "Take a node out of use");
    drain->add_option("node", in.out.node, "Id of the node")->required();
    auto* const undrain = cli.add_subcommand("undrain", "Take a drained node into use again");
    undrain->add_option("node", in.out.node, "Id of the node")->required();
    for (auto* const one : {handover, drain, undrain})
        one->add_flag("--no-wait", in.no_wait, "Do not wait until it happened");
    auto* const incarnation = cli.add_subcommand("incarnation", "The number of the history");
    incarnation->require_subcommand(1);
    auto* const bump = incarnation->add_subcommand(
        "bump", "Say that history may be lost: after a backup was restored");
    bump->add_flag("--yes", in.out.yes, "Really");
}

void add_drill(CLI::App& cli, raw& in)
{
    auto* const drill = cli.add_subcommand(
        "drill",
        "Hit the active node of a test cluster over and over, and measure what clients see");
    auto& how = in.out.drill;
    drill->add_option("fault", in.fault_name, "crash, hang or partition")
        ->required()
        ->check(CLI::IsMember({"crash", "hang", "partition"}));
    drill->add_option("--repeat", how.repeat, "How often")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    drill->add_flag("--i-am-a-test-cluster", how.test_cluster,
                    "Nobody depends on this cluster: its nodes may be killed");
    drill->add_option("--pid", in.pids, "Pid of a node: server-a=123; once per node")
        ->allow_extra_args(false);
    drill->add_option("--pid-dir", how.pid_dir,
                      "Folder with a file server-a.pid per node, as .run of run-three-nodes.sh");
    drill->add_option(
        "--start", how.start,
        "Shell command that starts node {id} again after a crash; it returns then. Without "
        "--pid-dir its last line of output is the new pid");
    drill->add_flag("--netns", how.netns, "The nodes live in network namespaces of their own");
    drill
        ->add_option("--rate", how.writes_per_second,
                     "Writes per second meanwhile, and as many reads")
        ->check(CLI::Range(1, 5000))
        ->capture_default_str();
    drill->add_option("--workers", how.workers, "Clients that do them")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
}

command command_of(const CLI::App& cli)
{
    const std::string name = cli.get_subcommands().front()->get_name();
    if (name == "status") return command::status;
    if (name == "health") return command::health;
    if (name == "watch") return command::watch;
    if (name == "lag") return command::lag;
    if (name == "handover") return command::handover;
    if (name == "drain") return command::drain;
    if (name == "undrain") return command::undrain;
    if (name == "incarnation") return command::raise_incarnation;
    return command::drill;
}

fault fault_named(const std::string& name)
{
    if (name == "hang") return fault::hang;
    if (name == "partition") return fault::partition;
    return fault::crash;
}

credentials credentials_of(const std::string& token, const environment& from)
{
    credentials out;
    out.token = !token.empty() ? token : from("KIENG_TOKEN").value_or("");
    out.email = from("OWNER_EMAIL").value_or("");
    out.password = from("OWNER_PASSWORD").value_or("");
    return out;
}

// What the parser cannot check; empty when all is well.
std::string finish(raw& in)
{
    for (const auto& text : in.pids) {
        const auto pair = pid_pair(text);
        if (!pair) return "--pid " + text + ": write it as server-a=123";
        in.out.drill.pids.insert(*pair);
    }
    for (const auto& url : in.out.urls) {
        if (!url.starts_with("http://") && !url.starts_with("https://"))
            return "\"" + url + "\" is no url: write it as http://host:port";
    }
    if (in.out.what == command::raise_incarnation && !in.out.yes)
        return "every cache starts anew and every client is told that history may be lost: say --yes if it is so";
    return {};
}

reading wrong(std::string sentence)
{
    reading out;
    out.code = exit_code::usage;
    out.err = "kiengctl: " + std::move(sentence) + "\n";
    return out;
}

}  // namespace

std::string_view name_of(fault what) noexcept
{
    switch (what) {
    case fault::crash: return "crash";
    case fault::hang: return "hang";
    case fault::partition: return "partition";
    }
    return "crash";
}

std::vector<std::string> urls_of(const std::vector<std::string>& given, const environment& from)
{
    std::vector<std::string> out = given;
    if (out.empty()) {
        if (const auto one = from("KIENG_URL"); one && !one->empty()) out.push_back(*one);
    }
    if (out.empty()) {
        for (char letter = 'A'; letter <= 'Z'; ++letter) {
            const auto one = from(std::string("SERVER_") + letter + "_URL");
            if (one && !one->empty()) out.push_back(*one);
        }
    }
    if (out.empty()) out.emplace_back("http://127.0.0.1:4000");
    for (auto& one : out) {
        while (one.ends_with('/')) one.pop_back();
    }
    return out;
}

std::optional<std::pair<std::string, int>> pid_pair(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    const char* const end = text.data() + text.size();
    int pid = 0;
    const auto read = std::from_chars(text.data() + equals + 1, end, pid);
    if (read.ec != std::errc{} || read.ptr != end || pid <= 1) return std::nullopt;
    return std::pair(text.substr(0, equals), pid);
}

reading read_command_line(const std::vector<std::string>& arguments, const environment& from,
                          const std::string& version)
{
    CLI::App cli{"Looks after a cluster of Kiềng from the command line."};
    cli.name("kiengctl");
    cli.footer(kFooter);
    cli.set_version_flag("--version", version);
    cli.require_subcommand(1);
    cli.fallthrough();
    raw in;
    cli.add_option("--url", in.urls, "A node of the cluster: http://host:port; may be given again")
        ->allow_extra_args(false);
    cli.add_flag("--json", in.out.json, "JSON instead of text");
    cli.add_option(
        "--token", in.token,
        "Access token; other users of this machine can see it here, so better in KIENG_TOKEN");
    cli.add_option("--ca-file", in.out.ca_file, "Authorities for https; else the system's");
    cli.add_option("--timeout", in.timeout, "Seconds to wait for what was asked for")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    add_looks(cli, in);
    add_changes(cli, in);
    add_drill(cli, in);
    try {
        // CLI11 takes them from the back.
        cli.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::RequiredError& error) {
        const auto unknown = cli.remaining();
        if (cli.get_subcommands().empty() && !unknown.empty())
            return wrong("\"" + unknown.front() + "\" is no command; kiengctl --help lists them");
        return wrong(error.what());
    } catch (const CLI::ParseError& error) {
        std::ostringstream out, err;
        const int code = cli.exit(error, out, err);
        reading ended;
        ended.code = code == 0 ? exit_code::well : exit_code::usage;
        ended.out = out.str();
        ended.err = err.str();
        return ended;
    }
    in.out.what = command_of(cli);
    in.out.urls = urls_of(in.urls, from);
    in.out.who = credentials_of(in.token, from);
    in.out.timeout = in_milliseconds(in.timeout);
    in.out.interval = in_milliseconds(in.interval);
    in.out.wait = !in.no_wait;
    if (!in.to.empty()) in.out.to = in.to;
    if (!in.fault_name.empty()) in.out.drill.what = fault_named(in.fault_name);
    if (auto sentence = finish(in); !sentence.empty()) return wrong(std::move(sentence));
    reading out;
    out.what = std::move(in.out);
    return out;
}

}  // namespace kieng::cluster::ctl
