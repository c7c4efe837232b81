#include "cluster/ctl/drill_figures.hpp"

#include "cluster/ctl/drill_load.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace kieng::cluster::ctl {
namespace {

drill_figures crashes(std::vector<double> takeovers)
{
    drill_figures out;
    for (const double one : takeovers) {
        injection what;
        what.victim = "server-a";
        what.successor = "server-b";
        what.detect = 3;
        what.takeover = one;
        what.gap = 40;
        what.phases.fence = 2;
        out.injections.push_back(what);
    }
    out.load.writes = out.load.acknowledged = 100;
    return out;
}

}  // namespace

TEST_CASE("percentiles are by nearest rank")
{
    CHECK(!percentile({}, 0.5).has_value());
    CHECK(percentile({7}, 0.99) == 7);
    CHECK(percentile({3, 1, 2}, 0.5) == 2);
    CHECK(percentile({1, 2, 3, 4}, 0.5) == 2);
    std::vector<double> hundred;
    for (int i = 100; i > 0; --i) hundred.push_back(i);
    CHECK(percentile(hundred, 0.5) == 50);
    CHECK(percentile(hundred, 0.99) == 99);
    CHECK(percentile(hundred, 1) == 100);
}

TEST_CASE("a drill is well when every target is met and no call failed")
{
    const auto good = crashes({100, 120, 140});
    CHECK(code_of(good) == exit_code::well);
    const std::string text = drill_text(good);
    CHECK(text.find("takeover             3      120  140  140  150 / 500  met") !=
          std::string::npos);
    CHECK(text.find("writes lost                    0      0") != std::string::npos);
    CHECK(text.find("MISSED") == std::string::npos);
}

TEST_CASE("what is judged is what is shown")
{
    auto edge = crashes({100});
    edge.injections[0].detect = 10.04;
    CHECK(code_of(edge) == exit_code::well);
    edge.injections[0].detect = 10.2;
    CHECK(code_of(edge) == exit_code::degraded);
    const std::string text = drill_text(edge);
    CHECK(text.find("10.2") != std::string::npos);
    CHECK(text.find("MISSED") != std::string::npos);
}

TEST_CASE("a missed target, an error, a lost, doubled or denied write degrade it")
{
    const auto slow = crashes({100, 160, 170});
    CHECK(code_of(slow) == exit_code::degraded);
    CHECK(drill_text(slow).find("MISSED") != std::string::npos);
    for (auto count :
         {&load_counts::errors, &load_counts::lost, &load_counts::doubled, &load_counts::denied}) {
        auto bad = crashes({100});
        bad.load.*count = 1;
        CHECK(code_of(bad) == exit_code::degraded);
    }
    auto cut = crashes({100});
    cut.ended_early = "the last calls did not end";
    CHECK(code_of(cut) == exit_code::not_done);
    CHECK(drill_text(cut).find("ended early: the last calls did not end") != std::string::npos);
}

TEST_CASE("a target that was never measured is not met")
{
    auto none = crashes({100});
    none.injections[0].detect.reset();
    CHECK(code_of(none) == exit_code::degraded);
    CHECK(drill_text(none).find("not measured") != std::string::npos);
}

TEST_CASE("a partition must move no role")
{
    drill_figures cut;
    cut.what = fault::partition;
    injection one;
    one.detect = 1100;
    cut.injections.push_back(one);
    CHECK(code_of(cut) == exit_code::well);
    CHECK(drill_text(cut).find("takeover") == std::string::npos);
    cut.role_moves = 1;
    CHECK(code_of(cut) == exit_code::degraded);
}

TEST_CASE("the figures as JSON say what the text says")
{
    const auto got = nlohmann::json::parse(drill_json(crashes({100, 120})));
    CHECK(got["fault"] == "crash");
    CHECK(got["injections"] == 2);
    CHECK(got["met"] == true);
    CHECK(got["milliseconds"][1]["name"] == "takeover");
    CHECK(got["milliseconds"][1]["p50"] == 100);
    CHECK(got["milliseconds"][1]["target99"] == 500);
    CHECK(got["milliseconds"][0]["met"] == true);
    CHECK(got["calls"]["acknowledged"] == 100);
    CHECK(got["each"][1]["takeover"] == 120);
    CHECK(got["endedEarly"].is_null());
}

TEST_CASE("each acknowledged write must be there once, and no denied one at all")
{
    const std::vector<load_write> writes{
        {"a", "", write_fate::acknowledged}, {"b", "", write_fate::acknowledged},
        {"c", "", write_fate::acknowledged}, {"d", "", write_fate::denied},
        {"e", "", write_fate::denied},       {"f", "", write_fate::unknown}};
    load_counts counts;
    reckon(writes, {"a", "c", "c", "e", "f"}, counts);
    CHECK(counts.writes == 6);
    CHECK(counts.acknowledged == 3);
    CHECK(counts.lost == 1);
    CHECK(counts.doubled == 1);
    CHECK(counts.denied == 1);
}

}  // namespace kieng::cluster::ctl
