// Who is alive: the layers L0 to L4 of docs/CLUSTER.md, "Decisions", for all peers of one node.
//
// A machine: inputs with their time go in, actions come out, `step` does what is due. No suspicion is final: whoever is heard again is
// alive again. It accuses nobody on one kind of evidence alone: a closed stream needs a refused connection and a free lock, missed
// beats need a witness (or nobody left to ask), a free lock alone says nothing.
// Pure: no I/O, no clock. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_actions.hpp"
#include "cluster/core/cluster_settings.hpp"
#include "cluster/core/peer_watch.hpp"

#include <map>
#include <optional>

namespace kieng::cluster {

class failure_detector {
public:
    failure_detector(const cluster_settings& settings, const node_identity& self);

    // A member to watch. Of a known one the url and priority are taken, and the boot id if none is known yet: rows of
    // cluster_nodes may be older than what the streams say. Own id is ignored.
    void add(const node_identity& node, instant now);
    void remove(const node_id& peer);

    void on(const input::stream_opened& what, instant now, cluster_actions& out);
    void on(const input::stream_closed& what, instant now, cluster_actions& out);
    void on(const input::reconnected& what, instant now, cluster_actions& out);
    void on(const input::heard& what, instant now, cluster_actions& out);
    void on(const input::peer_answered& what);
    void on(const input::left& what, instant now, cluster_actions& out);
    void on(const input::probe_asked& what, instant now, cluster_actions& out) const;
    void on(const input::probe_answered& what, instant now, cluster_actions& out);
    void on(const input::lock_checked& what, instant now, cluster_actions& out);
    void on(const input::lock_session& what, instant now);
    void on(const input::heartbeat_received& what, instant now, cluster_actions& out);
    void on(const input::clock_seen& what);

    // This node stood still for `gap`: what it did not hear then counts against nobody.
    void stood_still(instant gap, instant now);
    void step(instant now, cluster_actions& out);
    [[nodiscard]] instant next_wakeup(instant now) const;

    [[nodiscard]] bool blames_itself(instant now) const noexcept { return now < blamed_until_; }
    [[nodiscard]] const std::map<node_id, peer_watch>& peers() const noexcept { return peers_; }
    [[nodiscard]] const peer_watch* find(const node_id& peer) const;
    [[nodiscard]] opinions held() const;
    [[nodiscard]] detection_mode mode() const;
    // Warnings that hold now.
    [[nodiscard]] std::vector<cluster_warning> warnings(instant now) const;

private:
    // A boot that was replaced still talks, or another process under our own id.
    struct stranger {
        boot_id boot;
        instant since;
        instant last;
    };

    peer_watch* known(const node_id& peer);
    bool live_boot(peer_watch& peer, const boot_id& boot, instant now, cluster_actions& out);
    void restart(peer_watch& peer, const boot_id& boot, instant now, cluster_actions& out);
    void accuse(peer_watch& peer, member_state to, sighting why, instant now, cluster_actions& out);
    void ask_to_reconnect(peer_watch& peer, instant now, cluster_actions& out);
    void ask_witnesses(peer_watch& peer, instant now, cluster_actions& out);
    void weigh_witnesses(peer_watch& peer, instant now, cluster_actions& out);
    void step_stream(peer_watch& peer, instant now, cluster_actions& out);
    void step_silence(peer_watch& peer, instant now, cluster_actions& out);
    void step_heartbeat(peer_watch& peer, instant now, cluster_actions& out);
    void show(peer_watch& peer, instant now, cluster_actions& out);
    [[nodiscard]] instant patience(instant now) const;
    [[nodiscard]] bool may_witness(const peer_watch& peer, const peer_watch& target) const;
    [[nodiscard]] bool fresh_heartbeat(const peer_watch& peer, instant now) const;
    void note_beat(peer_watch& peer, const beat& said, instant now);
    void hear_again(peer_watch& peer, instant now, cluster_actions& out);
    [[nodiscard]] std::uint64_t next_random();

    const cluster_settings& settings_;
    node_id self_;
    boot_id boot_;
    std::map<node_id, peer_watch> peers_;
    std::optional<instant> lock_session_since_;
    instant blamed_until_{0};
    std::map<node_id, stranger> strangers_;
    std::uint64_t question_ = 0;
    std::uint64_t random_;
};

}  // namespace kieng::cluster
