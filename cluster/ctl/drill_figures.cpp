#include "cluster/ctl/drill_figures.hpp"

#include "cluster/ctl/text_table.hpp"
#include "cluster/wire/json_writer.hpp"

#include <algorithm>
#include <cmath>

namespace kieng::cluster::ctl {
namespace {

constexpr double kHalf = 0.5, kNearlyAll = 0.99;

struct targets {
    double p50, p99;
};

// docs/KIENGCTL.md, "Drills".
std::optional<targets> detect_target(fault what)
{
    switch (what) {
    case fault::crash: return targets{10, 100};
    case fault::hang: return targets{1000, 1500};
    case fault::partition: return targets{1200, 2000};
    }
    return std::nullopt;
}

std::optional<targets> takeover_target(fault what)
{
    switch (what) {
    case fault::crash: return targets{150, 500};
    case fault::hang: return targets{1500, 2500};
    case fault::partition: return std::nullopt;
    }
    return std::nullopt;
}

std::optional<targets> gap_target(fault what)
{
    switch (what) {
    case fault::crash: return targets{50, 300};
    case fault::hang: return targets{300, 1200};
    case fault::partition: return std::nullopt;
    }
    return std::nullopt;
}

template <class Pick>
figure_row row(std::string name, const drill_figures& all, Pick pick,
               std::optional<targets> wanted = {})
{
    std::vector<double> values;
    for (const auto& one : all.injections) {
        if (const std::optional<double> value = pick(one)) values.push_back(*value);
    }
    figure_row out;
    out.name = std::move(name);
    out.count = values.size();
    out.p50 = percentile(values, kHalf);
    out.p99 = percentile(values, kNearlyAll);
    out.most = percentile(values, 1);
    if (wanted) {
        out.target50 = wanted->p50;
        out.target99 = wanted->p99;
    }
    return out;
}

// What is judged is what is shown.
double as_shown(double value)
{
    constexpr double kFine = 100, kTenths = 10;
    return value < kFine ? std::round(value * kTenths) / kTenths : std::round(value);
}

std::string number_or_dash(const std::optional<double>& value)
{
    return value ? wire::decimal(as_shown(*value)) : "-";
}

std::string verdict(const figure_row& one)
{
    if (!one.target50) return "";
    if (one.count == 0) return "not measured";
    return one.met() ? "met" : "MISSED";
}

bool is_clean(const drill_figures& all)
{
    return all.load.errors == 0 && all.load.lost == 0 && all.load.doubled == 0 &&
           all.load.denied == 0 && all.role_moves == 0;
}

std::string counts_text(const drill_figures& all)
{
    const auto& load = all.load;
    text_table out({"CALLS", "COUNT", "TARGET"});
    const auto count = [&out](std::string name, std::uint64_t value, std::string target) {
        out.add({std::move(name), std::to_string(value), std::move(target)});
    };
    count("writes", load.writes, "");
    count("reads", load.reads, "");
    count("errors seen by callers", load.errors, "0");
    count("outcomes asked for afterwards", load.unknown, "");
    count("writes acknowledged", load.acknowledged, "");
    count("writes lost", load.lost, "0");
    count("writes doubled", load.doubled, "0");
    count("writes denied, but there", load.denied, "0");
    if (all.what == fault::partition) count("moves of the active role", all.role_moves, "0");
    return out.text();
}

void add_number(wire::json_object& out, std::string_view name, const std::optional<double>& value)
{
    if (value)
        out.number(name, *value);
    else
        out.raw(name, "null");
}

std::string row_json(const figure_row& one)
{
    wire::json_object out;
    out.text("name", one.name).integer("count", static_cast<std::int64_t>(one.count));
    add_number(out, "p50", one.p50);
    add_number(out, "p99", one.p99);
    add_number(out, "max", one.most);
    if (one.target50) {
        add_number(out, "target50", one.target50);
        add_number(out, "target99", one.target99);
        out.boolean("met", one.met());
    }
    return out.done();
}

std::string injection_json(const injection& one)
{
    wire::json_object out;
    out.text("victim", one.victim).text_or_null("successor", one.successor);
    add_number(out, "detect", one.detect);
    add_number(out, "takeover", one.takeover);
    add_number(out, "gap", one.gap);
    return out.done();
}

std::string load_json(const load_counts& load)
{
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    return wire::json_object()
        .integer("writes", number(load.writes))
        .integer("reads", number(load.reads))
        .integer("errors", number(load.errors))
        .integer("unknown", number(load.unknown))
        .integer("acknowledged", number(load.acknowledged))
        .integer("lost", number(load.lost))
        .integer("doubled", number(load.doubled))
        .integer("denied", number(load.denied))
        .text_or_null("firstError", load.first_error)
        .done();
}

}  // namespace

std::optional<double> percentile(std::vector<double> values, double q)
{
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

bool figure_row::met() const
{
    if (!target50 || !target99) return true;
    return p50 && p99 && as_shown(*p50) <= *target50 && as_shown(*p99) <= *target99;
}

std::vector<figure_row> rows_of(const drill_figures& all)
{
    std::vector<figure_row> out;
    out.push_back(row(
        "detect", all, [](const auto& one) { return one.detect; }, detect_target(all.what)));
    if (all.what != fault::partition) {
        out.push_back(row(
            "takeover", all, [](const auto& one) { return one.takeover; },
            takeover_target(all.what)));
        out.push_back(row("phase detect", all, [](const auto& one) { return one.phases.detect; }));
        out.push_back(row("phase decide", all, [](const auto& one) { return one.phases.decide; }));
        out.push_back(row("phase fence", all, [](const auto& one) { return one.phases.fence; }));
        out.push_back(
            row("phase announce", all, [](const auto& one) { return one.phases.announce; }));
    }
    out.push_back(row(
        "gap seen by clients", all, [](const auto& one) { return one.gap; }, gap_target(all.what)));
    return out;
}

std::string drill_text(const drill_figures& all)
{
    text_table out({"MILLISECONDS", "TIMES", "P50", "P99", "MAX", "TARGET", ""});
    for (const auto& one : rows_of(all)) {
        const std::string target =
            one.target50 ? short_number(*one.target50) + " / " + short_number(*one.target99) : "";
        out.add({one.name, std::to_string(one.count), number_or_dash(one.p50),
                 number_or_dash(one.p99), number_or_dash(one.most), target, verdict(one)});
    }
    std::string text = "drill " + std::string(name_of(all.what)) + ": " +
                       std::to_string(all.injections.size()) + " injections";
    if (all.disturbed > 0) text += ", " + std::to_string(all.disturbed) + " more not counted";
    text += "\n" + out.text() + "\n" + counts_text(all);
    if (!all.load.first_error.empty()) text += "first error: " + all.load.first_error + "\n";
    if (!all.ended_early.empty()) text += "ended early: " + all.ended_early + "\n";
    return text;
}

std::string drill_json(const drill_figures& all)
{
    wire::json_object out;
    out.text("fault", name_of(all.what));
    out.integer("injections", static_cast<std::int64_t>(all.injections.size()));
    out.integer("disturbed", static_cast<std::int64_t>(all.disturbed));
    out.integer("roleMoves", static_cast<std::int64_t>(all.role_moves));
    out.boolean("met", code_of(all) == exit_code::well);
    out.text_or_null("endedEarly", all.ended_early);
    out.raw("milliseconds", wire::json_array(rows_of(all), row_json));
    out.raw("calls", load_json(all.load));
    out.raw("each", wire::json_array(all.injections, injection_json));
    return out.done() + "\n";
}

exit_code code_of(const drill_figures& all)
{
    if (!all.ended_early.empty()) return exit_code::not_done;
    const auto rows = rows_of(all);
    const bool met =
        std::all_of(rows.begin(), rows.end(), [](const auto& one) { return one.met(); });
    return met && is_clean(all) ? exit_code::well : exit_code::degraded;
}

}  // namespace kieng::cluster::ctl
