// Whether PostgreSQL answers this node, since when, and whose fault it is if not.
//
// States: unknown (no answer yet), well, slow (answers took over 250 ms), lost (two failures in a row, or a statement without an
// answer for 1 s). Also estimates PostgreSQL's clock from the answers, for takeovers that say when they were sent.
// Pure: no I/O, no clock. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/cluster_inputs.hpp"
#include "cluster/core/cluster_settings.hpp"

#include <optional>

namespace kieng::cluster {

class database_watch {
public:
    explicit database_watch(const cluster_settings& settings) : settings_(settings) {}

    void sent(instant now);
    void answered(const input::lease_answered& what, instant now);
    void stood_still(instant gap);
    void step(instant now);
    [[nodiscard]] instant next_wakeup() const;

    [[nodiscard]] database_state state() const noexcept { return state_; }
    // Answers have come without a loss since then.
    [[nodiscard]] std::optional<instant> answering_since() const noexcept
    {
        return answering_since_;
    }
    [[nodiscard]] std::optional<instant> last_answer() const noexcept { return last_answer_; }
    // When the first statement that stayed without an answer was sent.
    [[nodiscard]] std::optional<instant> lost_since() const noexcept { return lost_since_; }
    [[nodiscard]] std::optional<instant> took() const noexcept { return took_; }
    // PostgreSQL's clock by the last answer. Late by at most the time that statement took to get there.
    [[nodiscard]] std::optional<wall_time> database_time(instant now) const;

private:
    void lose(instant since);

    const cluster_settings& settings_;
    database_state state_ = database_state::unknown;
    std::optional<instant> waiting_since_;
    int failures_ = 0;
    std::optional<instant> first_failure_;
    std::optional<instant> answering_since_;
    std::optional<instant> last_answer_;
    std::optional<instant> lost_since_;
    std::optional<instant> took_;
    std::optional<wall_time> database_at_;
    instant database_read_{0};
};

}  // namespace kieng::cluster
