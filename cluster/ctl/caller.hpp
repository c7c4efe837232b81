// kiengctl's way to the nodes: any of them through the failover client, or one by its url.
//
// Lives on one io_context, used by its coroutines. The options must outlive it. Secrets stay in here. Errors are `failed` values: what
// a node or the network does never throws.
#pragma once

#include "cluster/client/failover_client.hpp"
#include "cluster/ctl/cluster_report.hpp"
#include "cluster/ctl/command_line.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kieng::cluster::ctl {

template <class T>
using or_failed = std::variant<T, failed>;

class caller {
public:
    caller(executor where, const options& how);

    // The body of a GET that any node may answer; a 503 that has a body of its own counts as an answer.
    task<or_failed<std::string>> look(std::string target);
    task<or_failed<cluster_report>> status();
    // Who is there, as the cluster says.
    task<or_failed<std::vector<server_report>>> servers();

    // One question to one node, not repeated.
    task<client::outcome> ask(std::string url, std::string method, std::string target,
                              std::string body = {});

    // Signs in unless a token was given; empty when all is well.
    task<std::optional<failed>> sign_in();
    // Whether sign_in() can be had again when the token expires.
    [[nodiscard]] bool renews() const { return how_.who.token.empty(); }
    [[nodiscard]] client::header_list headers() const;

    // A client of all these nodes.
    [[nodiscard]] std::unique_ptr<client::failover_client> client_of(
        const std::vector<server_report>& nodes) const;

private:
    [[nodiscard]] client::failover_client& direct(const std::string& url);

    executor where_;
    const options& how_;
    client::failover_client any_;
    std::map<std::string, std::unique_ptr<client::failover_client>> nodes_;
    std::string token_;
};

// What an answer that is no 2xx means for the operator.
[[nodiscard]] failed failure_of(const client::outcome& came);
[[nodiscard]] const server_report* server_named(const std::vector<server_report>& all,
                                                const std::string& id);
// "no node is called x; there are a, b, c"
[[nodiscard]] failed unknown_node(const std::vector<server_report>& all, const std::string& id);

}  // namespace kieng::cluster::ctl
