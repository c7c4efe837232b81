// Injects one kind of fault into the active node of a test cluster, over and over, and measures what the other nodes and the clients see.
//
// One injection: wait until every node holds every other for alive, hit the active one, watch the others until one of them is active,
// heal, note what the load saw meanwhile. The times of detection and takeover are those the nodes themselves tell (`since`), so clocks of
// nodes and drill must agree, as they do on one machine.
#pragma once

#include "cluster/ctl/drill_load.hpp"
#include "cluster/ctl/link_cut.hpp"
#include "cluster/ctl/node_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kieng::cluster::ctl {

class drill {
public:
    drill(caller& nodes, std::vector<server_report> servers, const options& how);

    // Empty when the drill may begin: it is a test cluster, the processes are known, the fault can be injected.
    [[nodiscard]] std::string objection() const;
    task<drill_figures> run();

private:
    // What one poll of the nodes that should be well said.
    struct sight {
        std::vector<std::optional<cluster_report>>
            said;  // as servers_; nothing: not asked, or no answer
    };

    task<std::string> inject(drill_figures& into);
    task<std::string> crash(injection& one, std::int64_t epoch);
    task<std::string> hang(injection& one, std::int64_t epoch);
    task<std::string> partition(drill_figures& into, injection& one, std::int64_t epoch);
    task<std::string> watch_takeover(injection& one, std::int64_t epoch, wall_time hit);
    task<> read_phases(injection& one, std::int64_t epoch);

    task<std::string> wait_whole(cluster_report& seen);
    task<sight> look(std::string but);
    task<std::optional<cluster_report>> status_of(std::size_t node);
    void tell(const drill_figures& all, const std::string& sentence) const;
    [[nodiscard]] link_end end_of(const server_report& of) const;
    [[nodiscard]] std::size_t index_of(const std::string& id) const;

    caller& nodes_;
    std::vector<server_report> servers_;
    const options& how_;
    node_processes processes_;
    std::unique_ptr<drill_load> load_;
};

}  // namespace kieng::cluster::ctl
