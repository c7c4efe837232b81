// The configured nodes as one client sees them: who to ask first, who is away, whose breaker is open, what the cluster says of
// them, and what the page should be told. Source: cluster/client/VECTORS.md, "The rules".
//
// The configured list is never forgotten and never added to. Pure: time comes in. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/client_answer.hpp"
#include "cluster/core/client_breaker.hpp"
#include "cluster/core/client_latency.hpp"
#include "cluster/core/client_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kieng::cluster::client {

enum class service_state : std::uint8_t {
    ok = 1,
    degraded,  // served, but not by the first choice, or the database all nodes share is in trouble
    offline,   // the last call reached nobody
};

enum class event_kind : std::uint8_t { state = 1, server, history_changed };

struct event {
    event_kind kind = event_kind::state;
    service_state state = service_state::ok;
    std::string server = {};  // of `server`: who answers now
    std::string from = {};    // of `server`: who did before; empty at the start
    std::string why = {};     // of `server`: start, failover, fail_back, view
};

class fleet {
public:
    // `cluster`: the id the nodes must have; empty: that of the first view.
    fleet(const settings& numbers, const std::vector<configured_node>& nodes, std::string cluster);

    // All nodes, best first, for a read or a write that begins now.
    [[nodiscard]] std::vector<std::size_t> order(bool read, steady_time now) const;
    // In good standing: breaker closed, not away, well as far as the cluster says.
    [[nodiscard]] bool well(std::size_t node, steady_time now) const;
    // Breaker open or another cluster's node: not the first to be asked while there are others.
    [[nodiscard]] bool shut(std::size_t node) const { return is_shut(nodes_[node]); }

    [[nodiscard]] milliseconds attempt_timeout(std::size_t node, bool read) const;
    [[nodiscard]] milliseconds hedge_after(std::size_t node) const;

    void record(std::size_t node, bool read, const report& what, const judgement& is,
                steady_time now);
    // A hedged twin won: the loser took at least so long.
    void outrun(std::size_t node, milliseconds at_least) { nodes_[node].reads.add(at_least); }
    // The node that the caller's answer came from. `aside`: a hedge or a spilled read, no change of server.
    void served_by(std::size_t node, bool aside, steady_time now);
    // A call that ended with an error. `reached`: whether any node answered anything.
    void call_failed(bool reached, steady_time now);
    void call_served(bool stale, steady_time now);
    void history_changed() { events_.push_back({.kind = event_kind::history_changed}); }

    view_news merge(const view& news, std::size_t from, steady_time now);
    // The id the nodes must have; empty while none is known.
    [[nodiscard]] const std::string& cluster() const noexcept { return view_.cluster; }
    [[nodiscard]] std::int64_t view_number() const noexcept { return view_.number; }

    // Probes (GET /ready) of nodes that are away or shut: when the next is due, who is due, what came of it.
    [[nodiscard]] std::optional<steady_time> probe_at(steady_time now) const;
    [[nodiscard]] std::vector<std::size_t> take_due_probes(steady_time now);
    void probe_done(std::size_t node, bool good, steady_time now);

    [[nodiscard]] std::vector<event> take_events();
    [[nodiscard]] const std::string& name(std::size_t node) const { return nodes_[node].name; }
    [[nodiscard]] const std::string& url(std::size_t node) const { return nodes_[node].url; }
    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] service_state state() const noexcept { return state_; }

private:
    struct entry {
        std::string name;
        std::string url;
        std::string id = {};  // the cluster's name of it; empty until a view names it
        int priority;
        breaker guard;
        latency_window reads = {};
        latency_window writes = {};
        bool foreign = false;
        bool listed_well = true;
        bool away = false;
        int good = 0;  // in a row since it went away
        steady_time good_from = {};
        steady_time probed_at = {};
        bool probing = false;
        steady_time busy_until = {};
    };

    [[nodiscard]] static bool is_shut(const entry& who) { return who.guard.open() || who.foreign; }
    [[nodiscard]] int group(const entry& of, bool read, steady_time now) const;
    void leave(entry& who, steady_time now);
    void good_sign(entry& who, steady_time now);
    // Away, and not yet good for long enough to be asked first again.
    [[nodiscard]] bool is_away(const entry& who, steady_time now) const;
    [[nodiscard]] std::optional<steady_time> probe_at(const entry& who, steady_time now) const;
    [[nodiscard]] std::string why_served_by(std::size_t now_serving, steady_time now) const;
    void update_state(steady_time now);

    const settings& numbers_;
    std::vector<entry> nodes_;
    view view_;
    std::size_t server_ = static_cast<std::size_t>(-1);
    bool unreached_ = false;
    bool shared_trouble_ = false;
    service_state state_ = service_state::ok;
    std::vector<event> events_;
};

}  // namespace kieng::cluster::client
