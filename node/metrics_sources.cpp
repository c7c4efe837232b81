#include "node/metrics_sources.hpp"

#include "base/log.hpp"

namespace kieng::node {
namespace {

constexpr double kMicrosecond = 1e-6;

void route_samples(const http::route_sample& route, telemetry::samples& out)
{
    const telemetry::labels which{{"method", route.method},
                                  {"route", route.path.empty() ? "(none)" : route.path}};
    for (const auto& [status, count] : route.by_status) {
        auto with = which;
        with.emplace_back("status", std::to_string(status));
        out.counter("kieng_http_requests_total", "Answered requests.", static_cast<double>(count),
                    std::move(with));
    }
    std::array<double, http::kDurationBounds.size()> upper{};
    for (std::size_t i = 0; i < upper.size(); ++i)
        upper[i] = static_cast<double>(http::kDurationBounds[i]) * kMicrosecond;
    out.histogram("kieng_http_request_seconds",
                  "Time from the end of the request's header to the answer.", upper,
                  route.durations, static_cast<double>(route.microseconds) * kMicrosecond, which);
    out.counter("kieng_http_response_bytes_total", "Bytes of answers.",
                static_cast<double>(route.bytes), which);
    out.counter("kieng_http_cached_total", "Answers from the response cache.",
                static_cast<double>(route.cached), which);
}

}  // namespace

void http_samples(const http::server_snapshot& from, telemetry::samples& out)
{
    for (const auto& route : from.routes) {
        if (route.count > 0) route_samples(route, out);
    }
    out.gauge("kieng_http_connections", "Open connections.", static_cast<double>(from.connections));
    out.gauge("kieng_http_handlers", "Requests being worked on.",
              static_cast<double>(from.handlers));
    out.counter("kieng_http_refused_connections_total", "Connections beyond a limit.",
                static_cast<double>(from.refused_connections));
}

void database_samples(const store::database_health& from, telemetry::samples& out)
{
    out.gauge("kieng_database_reachable", "1 if PostgreSQL answers.", from.reachable ? 1 : 0);
    out.gauge("kieng_database_response_seconds", "Time of the last call.",
              static_cast<double>(from.response_time.count()) * kMicrosecond);
    out.gauge("kieng_database_connections", "Open connections.",
              static_cast<double>(from.connections));
    out.gauge("kieng_database_busy", "Connections at work.", static_cast<double>(from.busy));
    out.gauge("kieng_database_waiting", "Calls that wait for a connection.",
              static_cast<double>(from.waiting));
    out.counter("kieng_database_refused_total",
                "Calls refused: queue full, waited too long, or no connection.",
                static_cast<double>(from.refused));
    out.counter("kieng_database_timeouts_total", "Calls ended by the watchdog.",
                static_cast<double>(from.timeouts));
    out.counter("kieng_database_reconnects_total", "Connections made anew.",
                static_cast<double>(from.reconnects));
}

void group_samples(std::string_view what, const store::group_figures& from, telemetry::samples& out)
{
    const telemetry::labels which{{"what", std::string(what)}};
    const auto with = [&](const char* name, const char* value) {
        auto all = which;
        all.emplace_back(name, value);
        return all;
    };
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    out.gauge("kieng_group_waiting", "Writes that wait for their turn.", number(from.waiting),
              which);
    out.gauge("kieng_group_in_flight", "Writes on their way.", number(from.in_flight), which);
    out.histogram("kieng_group_batch_units", "Writes that went together in one commit.",
                  store::group_figures::kBatchSizes, from.sizes, number(from.batch_units), which);
    out.counter("kieng_group_alone_total", "Writes that ran alone, by why.", number(from.singles),
                with("why", "few_waited"));
    out.counter("kieng_group_alone_total", "Writes that ran alone, by why.", number(from.left),
                with("why", "left_a_batch"));
    out.counter("kieng_group_fell_apart_total", "Batches that were rolled back.",
                number(from.fell_apart), which);
    out.counter("kieng_group_in_doubt_total", "Writes of batches whose commit had to be settled.",
                number(from.in_doubt), which);
    out.counter("kieng_group_joined_total", "Repeats that shared the answer of one at work.",
                number(from.joined), which);
    out.counter("kieng_group_refused_total", "Writes that were not begun, by why.",
                number(from.refused), with("why", "overloaded"));
    out.counter("kieng_group_refused_total", "Writes that were not begun, by why.",
                number(from.dropped), with("why", "caller_gone"));
}

void cache_samples(const cache::response_cache& from, telemetry::samples& out)
{
    const auto count = [](const std::atomic<std::uint64_t>& value) {
        return static_cast<double>(value.load(std::memory_order_relaxed));
    };
    const auto& stats = from.stats();
    out.counter("kieng_cache_hits_total", "Reads answered from the cache.", count(stats.hits));
    out.counter("kieng_cache_misses_total", "Reads that had to be loaded.", count(stats.misses));
    out.counter("kieng_cache_fills_total", "Answers kept.", count(stats.fills));
    out.counter("kieng_cache_refused_fills_total",
                "Answers not kept: something they show changed meanwhile.",
                count(stats.refused_fills));
    out.counter("kieng_cache_dropped_total", "Answers dropped by a change.", count(stats.dropped));
    out.counter("kieng_cache_evicted_total", "Answers dropped for want of room.",
                count(stats.evicted));
    out.gauge("kieng_cache_bytes", "Memory taken.", static_cast<double>(from.bytes()));
    out.gauge("kieng_cache_entries", "Answers held.", static_cast<double>(from.entries()));
}

void feed_samples(const store::event_feed& from, telemetry::samples& out)
{
    out.gauge("kieng_feed_applied_position", "Newest position this node has applied.",
              static_cast<double>(from.applied()));
    out.gauge("kieng_feed_age_seconds",
              "Time since the position was last compared with PostgreSQL.",
              static_cast<double>(from.age().count()) / 1000.0);
}

void event_samples(const event_hub::figures& from, telemetry::samples& out)
{
    out.gauge("kieng_event_streams", "Open event streams.", static_cast<double>(from.streams));
    out.gauge("kieng_event_ring_positions", "Positions held for event streams.",
              static_cast<double>(from.ring.positions));
    out.gauge("kieng_event_ring_bytes", "Their memory.", static_cast<double>(from.ring.bytes));
    out.counter("kieng_event_streams_opened_total", "Event streams begun.",
                static_cast<double>(from.opened));
    out.counter("kieng_event_streams_refused_total", "Event streams beyond a limit.",
                static_cast<double>(from.refused));
    out.counter("kieng_event_streams_slow_total",
                "Event streams ended because the client was slow.", static_cast<double>(from.slow));
    out.counter("kieng_event_resets_total", "Event streams told to forget what they have.",
                static_cast<double>(from.resets));
}

void log_samples(telemetry::samples& out)
{
    out.counter("kieng_log_dropped_total", "Log lines lost: queue full or disk refused.",
                static_cast<double>(log::dropped()));
}

}  // namespace kieng::node
