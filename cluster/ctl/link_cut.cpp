#include "cluster/ctl/link_cut.hpp"

#include "cluster/ctl/shell_command.hpp"

#include <boost/url/parse.hpp>
#include <unistd.h>

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

}  // namespace

std::string host_of(const std::string& url)
{
    const auto read = boost::urls::parse_uri(url);
    if (!read) return {};
    return read->host_address();
}

std::string trouble_with_tools()
{
    for (const std::string name : {"nsenter", "iptables"}) {
        const char* const path = std::getenv("PATH");
        std::istringstream folders(path == nullptr ? "/usr/sbin:/usr/bin" : path);
        bool found = false;
        for (std::string one; !found && std::getline(folders, one, ':');)
            found = ::access((one + "/" + name).c_str(), X_OK) == 0;
        if (!found) return name + " is not installed, or not in the PATH: a partition needs it";
    }
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

std::vector<std::string> rule_command(const link_end& inside, const std::string& peer,
                                      const std::string& chain, const std::string& what)
{
    const bool v6 = peer.find(':') != std::string::npos;
    return {"nsenter",
            "--target",
            std::to_string(inside.pid),
            "--net",
            "--",
            v6 ? "ip6tables" : "iptables",
            "-w",
            what,
            chain,
            chain == "INPUT" ? "-s" : "-d",
            peer,
            "-j",
            "DROP"};
}

task<std::string> link_cut::cut()
{
    const std::vector<std::string> chains{"INPUT", "OUTPUT"};
    for (std::size_t i = 0; i < chains.size(); ++i) {
        const std::string& chain = chains[i];
        std::vector<std::string> add = rule_command(one_, other_.address, chain, "-I");
        const std::string said = joined(add);
        const command_end ended = co_await run_command(std::move(add));
        if (ended.code != 0) co_return "\"" + said + "\" ended with " + std::to_string(ended.code);
        undo_.push_back(rule_command(one_, other_.address, chain, "-D"));
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
