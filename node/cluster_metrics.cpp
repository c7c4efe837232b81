#include "node/cluster_metrics.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace kieng::node {
namespace {

using cluster::cluster_snapshot;
using cluster::instant;
using telemetry::samples;

double seconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

template <class Count>
double number(Count value)
{
    return static_cast<double>(value);
}

void role_samples(const cluster_snapshot& now, samples& out)
{
    out.gauge("kieng_cluster_active", "1 on the node that runs the duties.",
              now.lease == cluster::lease_phase::active ? 1 : 0);
    out.gauge("kieng_cluster_epoch", "Newest epoch of the active role known.", number(now.epoch));
    out.gauge("kieng_cluster_incarnation", "Of the history.", number(now.incarnation));
    out.gauge("kieng_cluster_view", "Number of the list of healthy servers.", number(now.view));
    const auto left = std::max(now.lease_left.value_or(instant{0}), instant{0});
    out.gauge("kieng_cluster_lease_seconds", "Until the lease of the active role ends.",
              seconds(left));
    out.gauge("kieng_cluster_has_active", "1 while somebody runs the duties.",
              now.summary.has_active ? 1 : 0);
    out.gauge("kieng_cluster_tolerates_failures", "Further nodes that may fail.",
              std::max(now.summary.tolerates_failures, 0));
    out.gauge("kieng_cluster_draining", "1 while this node gives its work away.",
              now.draining ? 1 : 0);
    out.gauge("kieng_cluster_self_blame", "1 while this node blames its own timers.",
              now.blames_itself ? 1 : 0);
    out.gauge("kieng_cluster_disagreements", "Nodes that the others see differently.",
              number(now.disagreements.size()));
}

void database_samples_of(const cluster_snapshot& now, samples& out)
{
    for (const auto state : {cluster::database_state::well, cluster::database_state::slow,
                             cluster::database_state::lost, cluster::database_state::unknown})
        out.gauge("kieng_cluster_database", "1 for the state that the control connection sees.",
                  now.database == state ? 1 : 0, {{"state", std::string(name_of(state))}});
    for (const auto scope : {cluster::outage_scope::node, cluster::outage_scope::shared})
        out.gauge("kieng_cluster_outage", "1 while PostgreSQL is away, for this node or for all.",
                  now.scope == scope ? 1 : 0, {{"scope", std::string(name_of(scope))}});
    out.gauge("kieng_sync_lag_positions", "Positions known of and not applied yet.",
              number(std::max<std::int64_t>(now.pos - now.applied, 0)));
    std::map<std::string, int> open;
    for (const auto& one : now.warnings) ++open[std::string(name_of(one.code))];
    for (const auto& [code, times] : open)
        out.gauge("kieng_cluster_warnings", "Warnings that hold now.", times, {{"code", code}});
}

void member_samples(const cluster::member_facts& one, instant now, samples& out)
{
    const telemetry::labels peer{{"peer", one.node.id}};
    for (const auto state : {cluster::member_state::alive, cluster::member_state::suspect,
                             cluster::member_state::down, cluster::member_state::draining,
                             cluster::member_state::late, cluster::member_state::unknown})
        out.gauge("kieng_peer_state", "1 for the state that this node holds the peer for.",
                  one.state == state ? 1 : 0,
                  {{"peer", one.node.id}, {"state", std::string(name_of(state))}});
    out.gauge("kieng_peer_stream", "1 while beats come in by stream.",
              one.detection == cluster::detection_mode::stream ? 1 : 0, peer);
    if (one.last_heard)
        out.gauge("kieng_peer_silence_seconds", "Since the peer was last heard.",
                  seconds(now - *one.last_heard), peer);
    const auto quantile = [&](const char* which, const std::optional<instant>& time) {
        if (time)
            out.gauge("kieng_peer_round_trip_seconds", "To the peer and back, lately.",
                      seconds(*time), {{"peer", one.node.id}, {"quantile", which}});
    };
    quantile("0.5", one.round_trip_p50);
    quantile("0.99", one.round_trip_p99);
    out.gauge("kieng_peer_error_ratio", "Of the last 128 requests and beats to the peer.",
              one.error_rate, peer);
    out.gauge("kieng_peer_lag_positions", "How far the peer is behind.", number(one.lag), peer);
    if (one.clock_offset)
        out.gauge("kieng_peer_clock_offset_seconds", "The peer's clock minus ours.",
                  seconds(*one.clock_offset), peer);
    out.counter("kieng_peer_blips_total", "Streams that closed and came back.", one.blips, peer);
    out.counter("kieng_peer_restarts_total", "Restarts of the peer seen.", one.restarts, peer);
}

void push_samples(const std::string& peer, const cluster::push_counts& from, samples& out)
{
    const telemetry::labels to{{"peer", peer}};
    out.counter("kieng_push_positions_total", "Positions that the peer confirmed.",
                number(from.pushed), to);
    out.counter("kieng_push_failures_total", "Pushes without a good answer.", number(from.failed),
                to);
    out.counter("kieng_push_forgotten_total", "Positions left to the peer's own reading.",
                number(from.forgotten), to);
    out.gauge("kieng_push_waiting", "Positions to be pushed.", number(from.waiting), to);
    out.gauge("kieng_push_round_trip_seconds", "Of the last push.", seconds(from.last_round_trip),
              to);
}

void total_samples(const cluster::cluster_totals& from, samples& out)
{
    out.histogram("kieng_sync_seconds", "From the commit on another node to its arrival here.",
                  cluster::kSyncBounds, from.sync.counts, from.sync.sum);
    for (const auto& [reason, times] : from.takeovers)
        out.counter("kieng_takeovers_total", "Changes of the active role, by why.", number(times),
                    {{"reason", std::string(reason)}});
    for (const auto& [phase, held] : from.phases)
        out.histogram("kieng_takeover_phase_seconds", "Phases of this node's own takeovers.",
                      cluster::kTakeoverBounds, held.counts, held.sum,
                      {{"phase", std::string(phase)}});
    for (const auto& [how, times] : from.detections)
        out.counter("kieng_peer_changes_total", "Peers found in another state, by why.",
                    number(times),
                    {{"state", std::string(how.first)}, {"why", std::string(how.second)}});
    for (const auto& [code, times] : from.warnings)
        out.counter("kieng_cluster_warnings_total", "Warnings begun.", number(times),
                    {{"code", std::string(code)}});
}

void door_samples(const peer_door::counts& from, samples& out)
{
    namespace wire = cluster::wire;
    for (std::size_t i = 1; i < from.refused.size(); ++i) {
        const auto why = static_cast<wire::peer_refusal>(i);
        out.counter("kieng_peer_requests_refused_total", "Requests between nodes turned away.",
                    number(from.refused[i]), {{"reason", std::string(name_of(why))}});
    }
    for (const auto& [peer, skew] : from.skew)
        out.gauge("kieng_peer_signature_skew_seconds",
                  "Of the peer's last signed request against our clock.", seconds(skew),
                  {{"peer", peer}});
}

void duty_samples(const duty_runner::counts& from, samples& out)
{
    out.counter("kieng_duty_batches_total", "Batches of duties done.", number(from.batches));
    out.counter("kieng_duty_rows_total", "Rows they dealt with.", number(from.rows));
    out.counter("kieng_duty_fenced_total", "Batches refused because another epoch holds.",
                number(from.fenced_off));
    out.counter("kieng_duty_failures_total", "Batches that failed.", number(from.failed));
}

void condition_samples(const cluster_snapshot& now, wall_time at, samples& out)
{
    for (const auto& one : now.members) {
        if (!one.self) continue;
        if (one.certificate_expires)
            out.gauge("kieng_certificate_expires_seconds", "Until the certificate runs out.",
                      seconds(*one.certificate_expires - at));
        if (one.disk) {
            out.gauge("kieng_disk_free_bytes", "Of the disk of the log.", number(one.disk->free));
            out.gauge("kieng_disk_total_bytes", "Size of that disk.", number(one.disk->total));
        }
    }
    for (const auto& one : now.consumers)
        out.gauge("kieng_consumer_lag_positions", "Readers of the outbox behind its head.",
                  number(one.behind), {{"consumer", one.name}});
    const bool lost = std::any_of(now.warnings.begin(), now.warnings.end(), [](const auto& one) {
        return one.code == cluster::warning_code::history_lost;
    });
    out.gauge("kieng_cluster_history_lost", "1 while acknowledged history is known to be gone.",
              lost ? 1 : 0);
}

void loss_samples(const history_losses::figures& from, samples& out)
{
    out.counter("kieng_history_lost_total", "Proofs that acknowledged history is gone.",
                number(from.by_token), {{"how", "token"}});
    out.counter("kieng_history_lost_total", "Proofs that acknowledged history is gone.",
                number(from.by_server), {{"how", "server"}});
}

}  // namespace

void cluster_samples(const cluster_part& from, samples& out)
{
    const auto seen = from.node().known();
    role_samples(seen->now, out);
    database_samples_of(seen->now, out);
    for (const auto& one : seen->now.members)
        if (!one.self) member_samples(one, seen->now.taken, out);
    for (const auto& [peer, link] : seen->links) push_samples(peer, link.pushes, out);
    total_samples(from.node().figures().totals(), out);
    door_samples(from.door().seen(), out);
    duty_samples(from.duties().done(), out);
    condition_samples(seen->now, seen->at, out);
    loss_samples(from.losses().counts(), out);
    out.gauge("kieng_cluster_picture_age_seconds",
              "Of what health and status show; grows when the control thread stands still.",
              seconds(system_clock().boot() - seen->boot_at));
}

void view_samples(const view_watch::figures& from, samples& out)
{
    out.gauge("kieng_view_polls", "Clients that wait for another list of servers.",
              number(from.waiting));
    out.counter("kieng_view_polls_refused_total", "Clients for whom there was no room to wait.",
                number(from.refused));
}

}  // namespace kieng::node
