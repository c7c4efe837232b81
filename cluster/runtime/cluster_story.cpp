// What happens to the cluster, in the words of the log: a takeover reads as a story, from the first sign to the new holder.
#include "base/log.hpp"
#include "cluster/runtime/cluster_state.hpp"

namespace kieng::cluster {
namespace {

std::int64_t ms(instant time)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

std::int64_t ms_or_nothing(const std::optional<instant>& time)
{
    return time ? ms(*time) : -1;
}

}  // namespace

void tell_peer(const action::peer_changed& what, instant)
{
    const auto from = name_of(what.from), to = name_of(what.to);
    const auto why = words_of(what.why);
    const auto took = ms_or_nothing(what.first_sign);
    const bool worse = what.to == member_state::down || what.to == member_state::suspect;
    if (worse && what.from != member_state::unknown && what.why != sighting::not_heard_yet)
        log::warning("peer_changed",
                     {{"peer", what.peer}, {"from", from}, {"to", to}, {"why", why}, {"ms", took}});
    else
        log::info("peer_changed", {{"peer", what.peer}, {"from", from}, {"to", to}, {"why", why}});
}

void tell_takeover(const takeover_record& what)
{
    const auto reason = what.reason ? name_of(*what.reason) : std::string_view("unknown");
    log::info("active_changed", {{"epoch", what.epoch},
                                 {"from", what.from},
                                 {"to", what.to},
                                 {"reason", reason},
                                 {"detect_ms", ms_or_nothing(what.phases.detect)},
                                 {"decide_ms", ms_or_nothing(what.phases.decide)},
                                 {"fence_ms", ms_or_nothing(what.phases.fence)},
                                 {"announce_ms", ms_or_nothing(what.phases.announce)},
                                 {"total_ms", ms_or_nothing(what.phases.total())}});
}

void tell_database(const action::database_changed& what)
{
    if (what.to == database_state::lost)
        log::warning("database_lost", {{"scope", name_of(what.scope)}});
    else
        log::info("database_changed",
                  {{"state", name_of(what.to)}, {"scope", name_of(what.scope)}});
}

void tell_warning(const action::warn& what)
{
    const auto code = name_of(what.what.code);
    if (what.begins && what.what.code == warning_code::history_lost)
        log::error("history_lost", {{"why", what.what.detail}});
    else if (what.begins && what.what.serious)
        log::error("cluster_warning", {{"code", code},
                                       {"node", what.what.node},
                                       {"detail", what.what.detail},
                                       {"serious", true}});
    else if (what.begins)
        log::warning("cluster_warning",
                     {{"code", code}, {"node", what.what.node}, {"detail", what.what.detail}});
    else
        log::info("cluster_warning_over", {{"code", code}, {"node", what.what.node}});
}

}  // namespace kieng::cluster
