#include "cluster/ctl/link_cut.hpp"

#include "cluster/ctl/shell_command.hpp"

#include <boost/url/parse.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace kieng::cluster::ctl {
namespace {

std::string namespace_of(const std::string& process)
{
    std::error_code failed_read;
    const auto name = std::filesystem::read_symlink("/proc/" + process + "/ns/net", failed_read);
    return failed_read ? std::string() : name.string();
}

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const auto& one : words) out += (out.empty() ? "" : " ") + one;
    return out;
}

// The best first: rules drop what comes and what goes, routes only what goes.
constexpr std::array kTools{cut_tool::nft, cut_tool::iptables, cut_tool::ip};

bool installed(const std::string& name)
{
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/sbin:/usr/bin" : path);
    for (std::string one; std::getline(folders, one, ':');)
        if (::access((one + "/" + name).c_str(), X_OK) == 0) return true;
    return false;
}

bool is_v6(const std::string& address)
{
    return address.find(':') != std::string::npos;
}

std::vector<std::string> inside(const link_end& where, std::vector<std::string> command)
{
    std::vector<std::string> out{"nsenter", "--target", std::to_string(where.pid), "--net", "--"};
    out.insert(out.end(), command.begin(), command.end());
    return out;
}

// A table of its own, so that taking it away leaves nothing and touches nothing else.
std::vector<cut_step> nft_steps(const link_end& where, const std::string& peer)
{
    const std::string table = "inet kieng_drill", family = is_v6(peer) ? "ip6" : "ip";
    const auto hook = [&](const std::string& name, const std::string& side) {
        return "add chain " + table + " " + name + " { type filter hook " + name +
               " priority 0; }; add rule " + table + " " + name + " " + family + " " + side + " " +
               peer + " drop; ";
    };
    const std::string rules =
        "add table " + table + "; " + hook("input", "saddr") + hook("output", "daddr");
    return {{inside(where, {"nft", rules}), inside(where, {"nft", "delete table " + table})}};
}

cut_step iptables_step(const link_end& where, const std::string& peer, const std::string& chain,
                       const std::string& side)
{
    const std::string program = is_v6(peer) ? "ip6tables" : "iptables";
    const auto with = [&](const std::string& what) {
        return inside(where, {program, "-w", what, chain, side, peer, "-j", "DROP"});
    };
    return {with("-I"), with("-D")};
}

cut_step route_step(const link_end& where, const std::string& peer)
{
    const std::string family = is_v6(peer) ? "-6" : "-4",
                      whom = peer + (is_v6(peer) ? "/128" : "/32");
    const auto with = [&](const std::string& what) {
        return inside(where, {"ip", family, "route", what, "blackhole", whom});
    };
    return {with("add"), with("del")};
}

}  // namespace

std::string host_of(const std::string& url)
{
    const auto read = boost::urls::parse_uri(url);
    if (!read) return {};
    return read->host_address();
}

std::string name_of(cut_tool tool)
{
    switch (tool) {
    case cut_tool::nft: return "nft";
    case cut_tool::iptables: return "iptables";
    case cut_tool::ip: return "ip";
    }
    return {};
}

std::string trouble_with_tools()
{
    if (!installed("nsenter"))
        return "nsenter is not installed, or not in the PATH: a partition needs it";
    if (std::none_of(kTools.begin(), kTools.end(),
                     [](cut_tool tool) { return installed(name_of(tool)); }))
        return "none of nft, iptables and ip is installed, or in the PATH: a partition needs one";
    return {};
}

std::string trouble_with_namespaces(const link_end& one, const link_end& other)
{
    const std::string first = namespace_of(std::to_string(one.pid));
    const std::string second = namespace_of(std::to_string(other.pid));
    if (first.empty() || second.empty())
        return "the network namespaces of " + one.id + " and " + other.id +
               " cannot be seen: run as root";
    if (first == second || first == namespace_of("self") || second == namespace_of("self"))
        return one.id + " and " + other.id +
               " do not live in network namespaces of their own: a cut would hit this machine";
    return {};
}

std::vector<cut_step> steps_of(cut_tool tool, const link_end& one, const link_end& other)
{
    switch (tool) {
    case cut_tool::nft: return nft_steps(one, other.address);
    case cut_tool::iptables:
        return {iptables_step(one, other.address, "INPUT", "-s"),
                iptables_step(one, other.address, "OUTPUT", "-d")};
    case cut_tool::ip: return {route_step(one, other.address), route_step(other, one.address)};
    }
    return {};
}

task<std::string> link_cut::cut()
{
    std::string why = "no tool to cut a link is installed";
    for (const cut_tool tool : kTools) {
        if (!installed(name_of(tool))) continue;
        why = co_await try_with(tool);
        if (why.empty()) break;
    }
    co_return why;
}

task<std::string> link_cut::try_with(cut_tool tool)
{
    const std::vector<cut_step> steps = steps_of(tool, one_, other_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::vector<std::string> add = steps[i].add;
        const std::string said = joined(add);
        const command_end ended = co_await run_command(std::move(add));
        if (ended.code != 0) {
            (void)co_await heal();
            co_return "\"" + said + "\" ended with " + std::to_string(ended.code);
        }
        undo_.push_back(steps[i].take);
    }
    co_return std::string();
}

task<std::string> link_cut::heal()
{
    while (!undo_.empty()) {
        std::vector<std::string> take = undo_.back();
        const std::string said = joined(take);
        const command_end ended = co_await run_command(std::move(take));
        undo_.pop_back();
        if (ended.code != 0) co_return "\"" + said + "\" ended with " + std::to_string(ended.code);
    }
    co_return std::string();
}

link_cut::~link_cut()
{
    // Interrupted: there is no loop any more to wait on.
    for (const auto& one : undo_) run_and_wait(one);
}

}  // namespace kieng::cluster::ctl
