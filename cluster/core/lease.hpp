// The active role: when this node renews, gives up, waits for its turn, takes over. docs/CLUSTER.md, "Decisions", has the states
// (lease_phase), the transitions and the races.
//
// A machine over the one row in PostgreSQL; the row decides, this only asks at the right time. It never has more than one statement
// under way. What it may not decide on its own it is given with each step as `surroundings`.
// Pure: no I/O, no clock. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_actions.hpp"
#include "cluster/core/cluster_settings.hpp"
#include "cluster/core/database_watch.hpp"

#include <optional>

namespace kieng::cluster {

// What the detector holds of the node and boot that the lease names.
struct holder_sight {
    enum class kind : std::uint8_t { well = 1, uncertain, restarted, crashed, silent };
    kind is = kind::uncertain;
    instant first_sign{0};  // of the trouble
};

struct surroundings {
    holder_sight holder;
    std::size_t rank = 0;  // of this node among those now well; 0 is best
    bool blames_itself = false;
    bool may_take = true;  // not draining while others are well, own loops running, not stopping
    bool outage_is_ours = false;  // PostgreSQL is lost to this node, and others reach it
    // Who shall have the role instead of us: a better node, or any when this one drains or its loops are stuck.
    std::optional<node_id> hand_over_to;
    bool all_know_epoch = false;  // every well peer's beat carries our epoch
};

class lease {
public:
    lease(const cluster_settings& settings, const node_identity& self, instant now);

    // Stops the duties when the own deadline has passed. To be called before anything else is done with an input.
    void expire(instant now, cluster_actions& out);
    void answered(const input::lease_answered& what, instant now, cluster_actions& out);
    void resigned(const node_id& from, const resigned_notice& what, instant now);
    void active_changed(const active_notice& what, instant now, cluster_actions& out);
    // A peer's beat carries this epoch.
    void heard_epoch(std::int64_t epoch, instant now, cluster_actions& out);
    // Gives the role to a node (nothing: to whoever is best); nothing happens unless this node is active.
    enum class wish : std::uint8_t { own = 1, of_operator };
    void hand_over(std::optional<node_id> to, wish whose, cluster_actions& out);
    void stood_still(instant gap) { database_.stood_still(gap); }
    void step(const surroundings& around, instant now, cluster_actions& out);
    [[nodiscard]] instant next_wakeup() const;

    [[nodiscard]] lease_phase phase() const noexcept { return phase_; }
    // Duties may run: active and within the own deadline.
    [[nodiscard]] bool may_run_duties(instant now) const noexcept
    {
        return phase_ == lease_phase::active && now < deadline_;
    }
    [[nodiscard]] std::optional<instant> deadline() const
    {
        return phase_ == lease_phase::active ? std::optional(deadline_) : std::nullopt;
    }
    [[nodiscard]] std::int64_t epoch() const noexcept { return epoch_; }
    [[nodiscard]] std::int64_t incarnation() const noexcept { return incarnation_; }
    [[nodiscard]] const node_id& holder() const noexcept { return holder_; }
    [[nodiscard]] const boot_id& holder_boot() const noexcept { return holder_boot_; }
    [[nodiscard]] std::optional<instant> since() const noexcept { return since_; }
    // By the newest row read; negative: expired.
    [[nodiscard]] std::optional<instant> left(instant now) const;
    // The row of the present epoch says that its time has passed.
    [[nodiscard]] bool over(instant now) const;
    // Gave its role up and knows of no later holder.
    [[nodiscard]] bool has_resigned() const noexcept { return given_up_ && *given_up_ == epoch_; }
    // Who resigned the present epoch, as far as it was told; empty: nobody.
    [[nodiscard]] node_id resigned_by() const
    {
        return resigned_epoch_ == epoch_ ? resigned_by_ : node_id{};
    }
    [[nodiscard]] const database_watch& database() const noexcept { return database_; }
    // The epoch in PostgreSQL went back although no new incarnation says why.
    [[nodiscard]] bool epoch_went_back() const noexcept { return went_back_; }

private:
    struct evidence {
        takeover_reason reason;
        instant first_sign;
    };
    enum class statement : std::uint8_t { read = 1, renewal, takeover, resign };

    // The row
    void take_row(const lease_row& row, instant sent, instant now, cluster_actions& out);
    bool newest(const lease_row& row, instant sent);
    void new_epoch(std::int64_t epoch, const node_id& holder, const boot_id& boot,
                   std::optional<takeover_reason> reason, instant now, cluster_actions& out);
    void follow_row(instant now, cluster_actions& out);
    void tell_learned(cluster_actions& out);
    [[nodiscard]] node_id last_holder() const;
    [[nodiscard]] bool named(const node_id& node) const;
    [[nodiscard]] bool ours() const;
    [[nodiscard]] bool row_is_current() const { return row_ && row_->epoch == epoch_; }
    [[nodiscard]] std::optional<instant> ends_at() const;
    // Phases
    void become_active(instant now, cluster_actions& out);
    void stop_running(lease_phase then, cluster_actions& out);
    void step_holder(const surroundings& around, instant now, cluster_actions& out);
    void step_candidate(const surroundings& around, instant now, cluster_actions& out);
    [[nodiscard]] instant turn_of(const surroundings& around, instant now);
    void resign_without_database(instant now, cluster_actions& out);
    [[nodiscard]] std::optional<evidence> find_evidence(const surroundings& around,
                                                        instant now) const;
    [[nodiscard]] std::optional<evidence> silence(const surroundings& around, instant now) const;
    [[nodiscard]] std::optional<evidence> expiry(const surroundings& around, instant now) const;
    void finish_record(const surroundings& around, instant now, cluster_actions& out);
    // Statements
    void takeover_answered(const input::lease_answered& what, instant now, cluster_actions& out);
    void resign_answered(const input::lease_answered& what, instant now, cluster_actions& out);
    [[nodiscard]] statement_id begin(statement what, instant now);
    void claim(instant now, cluster_actions& out);

    const cluster_settings& settings_;
    node_id self_;
    boot_id boot_;
    instant started_;
    database_watch database_;
    lease_phase phase_ = lease_phase::standby;

    // The newest epoch known, and the row as last read (older while only a notice told of the epoch).
    std::int64_t incarnation_ = 0;
    std::int64_t epoch_ = 0;
    node_id holder_;
    boot_id holder_boot_;
    node_id left_by_;  // who held the present epoch when the row became vacant
    std::optional<lease_row> row_;
    instant row_sent_{0};
    instant epoch_learned_{0};
    std::optional<instant> since_;
    bool went_back_ = false;

    // As the holder
    instant deadline_{0};
    instant next_renewal_{0};
    std::optional<std::int64_t> given_up_;  // the newest epoch this node gave up
    std::optional<node_id> hand_to_;
    wish hand_wish_ = wish::own;
    std::optional<std::int64_t> duties_;  // the epoch they were started under
    std::int64_t announced_ = 0;

    // As a candidate
    node_id resigned_by_;
    std::optional<std::int64_t> resigned_epoch_;  // its holder said so
    std::optional<node_id> named_;                // whom it named
    instant resigned_at_{0};
    std::optional<evidence> evidence_;
    instant evidence_since_{0};
    instant turn_{0};
    instant not_before_{0};    // after a takeover that was refused
    instant read_after_{0};    // rows sent before this moment do not tell what became of it
    bool terminated_ = false;  // the old holder's duty sessions, in this attempt
    std::optional<instant> claim_sent_;
    std::optional<instant> announcing_since_;
    std::optional<takeover_record> record_;  // of our own takeover, until all know of it
    std::optional<takeover_record>
        learned_;  // of another's, read from the row: its notice says why

    // The statement under way
    statement_id last_id_ = 0;
    std::optional<statement> under_way_;
    instant next_read_{0};
    std::uint64_t random_;
};

}  // namespace kieng::cluster
