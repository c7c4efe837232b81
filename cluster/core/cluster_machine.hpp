// One node's part in the cluster: failure detector, lease and membership behind one door, for the runtime to feed.
//
// REQUIRES of the runtime: input::tick each 50 ms; inputs in the order they happened with times that never go back; each action
// performed in the order given; an answer for each action that has one (reconnect, check_lock, the four lease statements), also when
// it failed. After each `on`, arm one timer for `next_wakeup()` and feed `tick` when it fires.
// Pure: no I/O, no clock, no threads; the same inputs give the same actions. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_actions.hpp"
#include "cluster/core/cluster_settings.hpp"
#include "cluster/core/cluster_snapshot.hpp"
#include "cluster/core/conditions.hpp"
#include "cluster/core/failure_detector.hpp"
#include "cluster/core/lease.hpp"
#include "cluster/core/membership.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace kieng::cluster {

class cluster_machine {
public:
    // `known`: the nodes named by the settings and by cluster_nodes, with or without this one.
    cluster_machine(cluster_settings settings, node_identity self,
                    const std::vector<node_identity>& known, instant now);
    cluster_machine(const cluster_machine&) = delete;
    cluster_machine& operator=(const cluster_machine&) = delete;

    [[nodiscard]] cluster_actions on(const cluster_input& what, instant now);
    // The latest time by which `on` must be called again.
    [[nodiscard]] instant next_wakeup() const;

    [[nodiscard]] cluster_snapshot snapshot(instant now) const;
    // Cheap parts of it.
    [[nodiscard]] bool may_run_duties(instant now) const { return lease_.may_run_duties(now); }
    [[nodiscard]] std::optional<instant> duty_deadline() const { return lease_.deadline(); }
    [[nodiscard]] std::int64_t epoch() const { return lease_.epoch(); }
    [[nodiscard]] std::int64_t view() const { return view_.current(); }
    [[nodiscard]] database_state database() const { return lease_.database().state(); }
    [[nodiscard]] outage_scope scope() const { return scope_; }
    [[nodiscard]] beat own_beat(instant now) const;
    [[nodiscard]] const failure_detector& detector() const { return detector_; }
    [[nodiscard]] std::optional<history_loss> lost() const { return conditions_.lost(); }
    // Whether an operator may have the role given to that node; nothing: to any.
    [[nodiscard]] bool may_take_role(const std::optional<node_id>& to) const;
    [[nodiscard]] const node_id& holder() const { return lease_.holder(); }
    [[nodiscard]] const node_identity& self() const { return self_; }

private:
    void take(const cluster_input& what, instant now, cluster_actions& out);
    void take_handover(const input::handover& what, cluster_actions& out);
    void take_history(const input::history_read& what, cluster_actions& out);
    void take_resigned(const input::resigned& what, instant now);
    void take_heard(const input::heard& what, instant now, cluster_actions& out);
    void take_state(const node_id& from, const beat& said, instant now, cluster_actions& out);
    void take_nodes(const input::nodes_read& what, instant now);
    void take_stranger(const node_identity& node, instant now, cluster_actions& out);
    void notice_own_delay(instant now);
    void step(instant now, cluster_actions& out);
    [[nodiscard]] std::uint64_t view_signature(instant now) const;
    void step_view(instant now, cluster_actions& out);
    void step_scope(instant now, cluster_actions& out);
    void step_warnings(instant now, cluster_actions& out);
    void remember(const cluster_actions& out);
    void keep(const takeover_record& record);
    [[nodiscard]] surroundings look_around(instant now) const;
    [[nodiscard]] holder_sight sight_of_holder(instant now) const;
    [[nodiscard]] std::optional<node_id> best_other() const;
    [[nodiscard]] std::optional<node_id> successor(bool stuck, instant now) const;
    [[nodiscard]] instant failback_after(const node_id& node, instant now) const;
    [[nodiscard]] bool others_reach(instant lost, instant now) const;
    [[nodiscard]] std::vector<member_facts> members(instant now) const;
    [[nodiscard]] member_facts facts_of(const peer_watch& peer, instant now) const;
    [[nodiscard]] node_id shown_active(instant now) const;
    [[nodiscard]] bool kept() const;
    [[nodiscard]] member_facts own_facts(instant now) const;
    [[nodiscard]] std::vector<cluster_warning> warnings(instant now) const;

    cluster_settings settings_;
    node_identity self_;
    instant started_;
    failure_detector detector_;
    lease lease_;
    conditions conditions_;
    view_number view_;
    std::uint64_t view_signature_ = 0;
    instant next_view_{0};
    std::map<node_id, opinions> told_;  // by peers
    std::deque<takeover_record> history_;
    std::vector<cluster_warning> warned_;
    outage_scope scope_ = outage_scope::none;
    bool outage_is_ours_ = false;
    database_state database_shown_ = database_state::unknown;
    input::progress progress_;
    instant loops_age_{0};
    instant last_call_;
    instant next_beat_;
    instant next_nodes_;
    bool draining_ = false;
    bool stopping_ = false;
    instant draining_since_{0};
    // Who gave us the role on an operator's wish, and as which epoch.
    struct gift {
        node_id by;
        boot_id boot;
        std::int64_t epoch = 0;
    };
    std::optional<gift> given_;
};

}  // namespace kieng::cluster
