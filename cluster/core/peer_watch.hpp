// What a node holds of one peer: the raw facts and the state that follows from them. Plain values, changed by failure_detector alone.
#pragma once

#include "cluster/core/clock_offset.hpp"
#include "cluster/core/cluster_inputs.hpp"
#include "cluster/core/cluster_snapshot.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace kieng::cluster {

// The last 128 requests to a peer.
class round_trips {
public:
    void add(instant took, bool well);
    [[nodiscard]] std::optional<instant> quantile(double q) const;
    [[nodiscard]] double error_rate() const;

private:
    struct one {
        instant took;
        bool well;
    };
    std::deque<one> kept_;
};

struct peer_watch {
    node_identity node;
    std::vector<boot_id> gone_boots;  // earlier lives, newest last
    instant added{0};                 // this life
    instant known_since{0};           // any; moves on to when it was first alive, if that is soon
    bool ever_up = false;

    // L0
    bool our_link = false;
    bool their_link = false;
    std::optional<instant> asked_to_reconnect;  // waiting for `reconnected`
    instant next_reconnect{0};
    std::optional<instant> refused_at;
    // L1
    std::optional<beat> last_beat;
    std::optional<instant> heard;  // the last beat, less the age of its loops
    int beats_since_down = 0;
    // L2
    struct testimony {
        instant given{0};
        std::optional<instant> heard;  // when the witness last heard the peer, by our clock
    };
    std::optional<instant> beat_at;        // when the last beat came in
    instant database_since{0};             // since when its beats say that it reaches PostgreSQL
    std::map<node_id, testimony> answers;  // by witness
    std::map<node_id, instant> asked;      // witness -> when first asked in this suspicion
    instant next_probe{0};
    // L3
    input::lock_state lock = input::lock_state::unknown;
    std::optional<instant> next_lock_check;
    // L4
    std::optional<instant> heartbeat_at;
    instant next_heartbeat{0};
    detection_mode mode = detection_mode::stream;
    instant mode_since{0};

    member_state accused = member_state::suspect;  // alive, suspect or down
    sighting why = sighting::not_heard_yet;
    std::optional<instant> first_sign;  // of the present trouble
    instant accused_since{0};
    member_state shown = member_state::unknown;
    instant shown_since{0};
    instant well_since{0};
    bool well = false;
    bool left = false;

    // For people
    round_trips requests;
    clock_offset offset;
    std::optional<heartbeat> last_heartbeat;
    instant up_for{0};
    instant counted_to{0};
    int blips = 0;
    int restarts = 0;
};

}  // namespace kieng::cluster
