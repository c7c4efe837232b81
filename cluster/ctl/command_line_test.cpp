#include "cluster/ctl/command_line.hpp"

#include <doctest/doctest.h>

#include <map>

namespace kieng::cluster::ctl {
namespace {

environment of(std::map<std::string, std::string> values)
{
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto at = values.find(name);
        if (at == values.end()) return std::nullopt;
        return at->second;
    };
}

reading read(const std::vector<std::string>& arguments,
             std::map<std::string, std::string> values = {})
{
    return read_command_line(arguments, of(std::move(values)), "1.2.3");
}

}  // namespace

TEST_CASE("the cluster is found by the argument, else by the environment, else on this machine")
{
    using urls = std::vector<std::string>;
    CHECK(urls_of({}, of({})) == urls{"http://127.0.0.1:4000"});
    CHECK(urls_of({}, of({{"SERVER_A_URL", "http://a:1/"}, {"SERVER_D_URL", "http://d:1"}})) ==
          urls{"http://a:1", "http://d:1"});
    CHECK(urls_of({}, of({{"KIENG_URL", "https://one"}, {"SERVER_A_URL", "http://a:1"}})) ==
          urls{"https://one"});
    CHECK(urls_of({"http://x:1//"}, of({{"KIENG_URL", "https://one"}})) == urls{"http://x:1"});
}

TEST_CASE("a command that is none is told by its name")
{
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"bogus"}, {"--json", "bogus"}}) {
        const auto got = read(words);
        CHECK(!got.what.has_value());
        CHECK(got.code == exit_code::usage);
        CHECK(got.err.find("\"bogus\" is no command") != std::string::npos);
    }
    CHECK(read({}).code == exit_code::usage);
    CHECK(read({}).err.find("subcommand") != std::string::npos);
    const auto help = read({"--help"});
    for (const char* const code : {"  0 ", "  5 ", "  70 ", "  130, 143 "})
        CHECK(help.out.find(code) != std::string::npos);
}

TEST_CASE("a pid is given by the node's id")
{
    CHECK(pid_pair("server-a=123") == std::pair<std::string, int>("server-a", 123));
    for (const char* const wrong :
         {"", "server-a", "=1", "a=", "a=x", "a=12x", "a=0", "a=1", "a=-5"})
        CHECK(!pid_pair(wrong).has_value());
}

TEST_CASE("each command is read with its own options")
{
    CHECK(read({"status"}).what->what == command::status);
    CHECK(read({"status", "--json"}).what->json);
    CHECK(read({"--json", "status"}).what->json);
    CHECK(read({"health", "server-b"}).what->node == "server-b");
    CHECK(read({"watch", "--count", "3", "--interval", "0.1"}).what->count == 3);
    CHECK(read({"watch", "--interval", "0.1"}).what->interval == std::chrono::milliseconds(100));
    CHECK(read({"lag", "--most", "7"}).what->most_lag == 7);
    CHECK(!read({"handover"}).what->to.has_value());
    CHECK(read({"handover", "--to", "server-c"}).what->to == "server-c");
    CHECK(!read({"drain", "server-a", "--no-wait"}).what->wait);
    CHECK(read({"undrain", "server-a"}).what->what == command::undrain);
    CHECK(read({"incarnation", "bump", "--yes"}).what->what == command::raise_incarnation);
    const auto drill = read({"drill", "hang", "--repeat", "7", "--i-am-a-test-cluster", "--pid",
                             "a=12", "--pid", "b=13", "--start", "run {id}"});
    REQUIRE(drill.what.has_value());
    CHECK(drill.what->drill.what == fault::hang);
    CHECK(drill.what->drill.repeat == 7);
    CHECK(drill.what->drill.pids == std::map<std::string, int>{{"a", 12}, {"b", 13}});
    CHECK(drill.what->drill.start == "run {id}");
}

TEST_CASE("wrong use ends with 2 and says so; help and version end with 0")
{
    using words = std::vector<std::string>;
    for (const auto& wrong :
         {words{}, words{"nonsense"}, words{"status", "--nonsense"}, words{"drain"}, words{"drill"},
          words{"drill", "fire"}, words{"drill", "crash", "--repeat", "0"},
          words{"drill", "crash", "--pid", "12"}, words{"watch", "--interval", "no"},
          words{"incarnation"}, words{"incarnation", "bump"}, words{"status", "--url", "here:1"}}) {
        const auto got = read(wrong);
        CHECK(!got.what.has_value());
        CHECK(got.code == exit_code::usage);
        CHECK(!got.err.empty());
    }
    const auto help = read({"--help"});
    CHECK(help.code == exit_code::well);
    CHECK(help.out.find("Exit codes:") != std::string::npos);
    CHECK(read({"--version"}).out.find("1.2.3") != std::string::npos);
}

TEST_CASE("who signs in comes from the argument or the environment, and stands in no message")
{
    CHECK(read({"status"}, {{"KIENG_TOKEN", "t1"}}).what->who.token == "t1");
    CHECK(read({"status", "--token", "t2"}, {{"KIENG_TOKEN", "t1"}}).what->who.token == "t2");
    const std::map<std::string, std::string> owner{{"OWNER_EMAIL", "o@x"},
                                                   {"OWNER_PASSWORD", "hush-hush"}};
    const auto got = read({"drain", "a"}, owner);
    CHECK(got.what->who.email == "o@x");
    CHECK(got.what->who.password == "hush-hush");
    CHECK(read({"--help"}, owner).out.find("hush-hush") == std::string::npos);
    CHECK(read({"nonsense", "--token", "hush-hush"}).err.find("hush-hush") == std::string::npos);
}

}  // namespace kieng::cluster::ctl
