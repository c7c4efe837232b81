#include "cluster/wire/stats_json.hpp"

#include "cluster/wire/json_writer.hpp"
#include "cluster/wire/summary.hpp"

namespace kieng::cluster::wire {
namespace {

double in_milliseconds(std::chrono::microseconds time)
{
    return static_cast<double>(time.count()) / 1'000;
}

std::string percentiles_json(const time_percentiles& what)
{
    json_object out;
    out.integer("count", static_cast<std::int64_t>(what.count));
    const auto add = [&out](std::string_view name, std::optional<std::chrono::microseconds> time) {
        if (time)
            out.number(name, in_milliseconds(*time));
        else
            out.raw(name, "null");
    };
    add("p50", what.p50);
    add("p99", what.p99);
    add("max", what.max);
    return out.done();
}

std::string check_json(const check_statistics& what)
{
    return json_object()
        .text("node", what.node)
        .integer("checks", static_cast<std::int64_t>(what.checks))
        .integer("failures", static_cast<std::int64_t>(what.failures))
        .raw("responseMs", percentiles_json(what.response))
        .done();
}

std::string window_json(const window_statistics& what)
{
    return json_object()
        .integer("windowSeconds", what.length.count())
        .raw("health", json_array(what.health, check_json))
        .raw("syncMs", percentiles_json(what.sync))
        .raw("takeoverMs", percentiles_json(what.takeover))
        .integer("failovers", static_cast<std::int64_t>(what.failovers))
        .integer("handovers", static_cast<std::int64_t>(what.handovers))
        .done();
}

std::string percentiles_text(const time_percentiles& what)
{
    if (!what.p50 || !what.p99) return "nothing measured";
    return "p50 " + decimal(in_milliseconds(*what.p50)) + " ms, p99 " +
           decimal(in_milliseconds(*what.p99)) + " ms";
}

}  // namespace

std::string stats_json(const cluster_statistics& what, std::string_view cluster)
{
    return json_object()
        .text("cluster", cluster)
        .text("asSeenBy", what.self)
        .integer("observedSeconds", what.observed.count())
        .raw("windows", json_array(what.windows, window_json))
        .done();
}

std::string stats_text(const cluster_statistics& what)
{
    std::string out;
    for (const auto& window : what.windows) {
        out += "last " + rough(window.length) + ": " + std::to_string(window.failovers) +
               " failovers, " + std::to_string(window.handovers) + " handovers\n";
        out += "  sync " + percentiles_text(window.sync) + "\n";
        for (const auto& one : window.health)
            out += std::string("  ") +
                   std::string(sign_of(one.failures ? grade::warn : grade::pass)) + " " + one.node +
                   " " + std::to_string(one.checks) + " checks, " + std::to_string(one.failures) +
                   " failed, " + percentiles_text(one.response) + "\n";
    }
    return out;
}

}  // namespace kieng::cluster::wire
