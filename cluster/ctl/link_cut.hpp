// Cuts the way between two nodes: their packets to each other are dropped by iptables in the nodes' own network namespaces, so that
// nothing else on this machine is touched. Errors are sentences.
#pragma once

#include "base/async.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster::ctl {

struct link_end {
    std::string id;
    int pid = 0;
    std::string address;  // of the node, without port
};

// The host of "http://10.0.0.2:4000" or "http://[fd00::2]:4000".
[[nodiscard]] std::string host_of(const std::string& url);

// Empty when the programs that cut a link are installed.
[[nodiscard]] std::string trouble_with_tools();
// Empty when each lives in a network namespace of its own that is not ours.
[[nodiscard]] std::string trouble_with_namespaces(const link_end& one, const link_end& other);

// The command that adds ("-I") or takes away ("-D") one rule in the namespace of a process.
[[nodiscard]] std::vector<std::string> rule_command(const link_end& inside, const std::string& peer,
                                                    const std::string& chain,
                                                    const std::string& what);

// A link that is cut; healed by heal(), or without waiting when it is destroyed.
class link_cut {
public:
    link_cut(link_end one, link_end other) : one_(std::move(one)), other_(std::move(other)) {}
    ~link_cut();
    link_cut(const link_cut&) = delete;
    link_cut& operator=(const link_cut&) = delete;

    // Empty when all is well.
    task<std::string> cut();
    task<std::string> heal();

private:
    link_end one_, other_;
    std::vector<std::vector<std::string>> undo_;
};

}  // namespace kieng::cluster::ctl
