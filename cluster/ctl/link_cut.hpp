// Cuts the way between two nodes: their packets to each other are dropped in the nodes' own network namespaces, so that nothing else on
// this machine is touched. By nftables, else iptables, else routes that lead nowhere, whichever this host has. Errors are sentences.
#pragma once

#include "base/async.hpp"

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

// Empty when there are programs here that can cut a link.
[[nodiscard]] std::string trouble_with_tools();
// Empty when each lives in a network namespace of its own that is not ours.
[[nodiscard]] std::string trouble_with_namespaces(const link_end& one, const link_end& other);

// One step of a cut, and what takes it back.
struct cut_step {
    std::vector<std::string> add, take;
    friend bool operator==(const cut_step&, const cut_step&) = default;
};
// A way to cut a link. Routes only stop what is sent, so both ends get one; the others drop both directions at the first.
enum class cut_tool : std::uint8_t { nft = 1, iptables, ip };
[[nodiscard]] std::string name_of(cut_tool tool);
[[nodiscard]] std::vector<cut_step> steps_of(cut_tool tool, const link_end& one,
                                             const link_end& other);

// A link that is cut; healed by heal(), or without waiting when it is destroyed.
class link_cut {
public:
    link_cut(link_end one, link_end other) : one_(std::move(one)), other_(std::move(other)) {}
    ~link_cut();
    link_cut(const link_cut&) = delete;
    link_cut& operator=(const link_cut&) = delete;

    // Empty when all is well. A tool that is there but does not work in this kernel is passed over.
    task<std::string> cut();
    task<std::string> heal();

private:
    task<std::string> try_with(cut_tool tool);

    link_end one_, other_;
    std::vector<std::vector<std::string>> undo_;
};

}  // namespace kieng::cluster::ctl
