#include "cluster/ctl/node_process.hpp"

#include "cluster/ctl/link_cut.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

namespace kieng::cluster::ctl {

TEST_CASE("a pid file holds a pid, and perhaps when that process started")
{
    CHECK(read_pid_line("123")->pid == 123);
    const auto full = read_pid_line("123 456 0b8b2f3e");
    REQUIRE(full.has_value());
    CHECK(full->started == "456");
    CHECK(full->boot == "0b8b2f3e");
    for (const char* const wrong : {"", "x", "1", "0", "-4", "12x"})
        CHECK(!read_pid_line(wrong).has_value());
}

TEST_CASE("the command that starts a node is told which")
{
    CHECK(with_id("run --start {id} >{id}.log", "server-a") ==
          "run --start server-a >server-a.log");
    CHECK(with_id("run", "server-a") == "run");
    CHECK(last_pid("starting\n42\n") == 42);
    CHECK(last_pid("42\n\n") == 42);
    CHECK(!last_pid("42\ndone\n").has_value());
    CHECK(!last_pid("").has_value());
}

TEST_CASE("a process that is no node is never touched")
{
    drill_options how;
    how.pids["server-a"] = ::getpid();
    const node_processes found(how);
    CHECK(found.trouble_with("server-a").find("is no kieng-node") != std::string::npos);
    CHECK(!found.pid_of("server-a").has_value());
    CHECK(!found.signal("server-a", 0));
    CHECK(found.trouble_with("server-b").find("--pid") != std::string::npos);
}

TEST_CASE("a link is cut by rules inside the node's namespace, by the address of its peer")
{
    CHECK(host_of("http://10.0.0.2:4000") == "10.0.0.2");
    CHECK(host_of("http://[fd00::2]:4000") == "fd00::2");
    const link_end inside{"server-a", 42, "10.0.0.1"};
    const link_end other{"server-b", 43, "10.0.0.2"};
    using words = std::vector<std::string>;
    const words enter{"nsenter", "--target", "42", "--net", "--"};
    const auto with = [&](words more) {
        words out = enter;
        out.insert(out.end(), more.begin(), more.end());
        return out;
    };
    CHECK(steps_of(cut_tool::iptables, inside, other) ==
          std::vector<cut_step>{
              {with({"iptables", "-w", "-I", "INPUT", "-s", "10.0.0.2", "-j", "DROP"}),
               with({"iptables", "-w", "-D", "INPUT", "-s", "10.0.0.2", "-j", "DROP"})},
              {with({"iptables", "-w", "-I", "OUTPUT", "-d", "10.0.0.2", "-j", "DROP"}),
               with({"iptables", "-w", "-D", "OUTPUT", "-d", "10.0.0.2", "-j", "DROP"})}});
    const link_end sixth{"server-b", 43, "fd00::2"};
    const auto routes = steps_of(cut_tool::ip, inside, sixth);
    REQUIRE(routes.size() == 2);
    CHECK(routes[0].add == with({"ip", "-6", "route", "add", "blackhole", "fd00::2/128"}));
    CHECK(routes[1].take == words{"nsenter", "--target", "43", "--net", "--", "ip", "-4", "route",
                                  "del", "blackhole", inside.address + "/32"});
    const auto tables = steps_of(cut_tool::nft, inside, other);
    REQUIRE(tables.size() == 1);
    CHECK(tables[0].take == with({"nft", "delete table inet kieng_drill"}));
    CHECK(tables[0].add.back().find("ip saddr 10.0.0.2 drop") != std::string::npos);
    CHECK(tables[0].add.back().find("ip daddr 10.0.0.2 drop") != std::string::npos);
    const link_end here{"server-a", ::getpid(), ""};
    CHECK(trouble_with_namespaces(here, here).find("namespaces of their own") != std::string::npos);
}

}  // namespace kieng::cluster::ctl
