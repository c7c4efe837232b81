// kieng_cluster_simulation: runs the simulation over many seeds, or replays one.
//
//   kieng_cluster_simulation [--seeds N] [--first S]     prints what failed, and how long takeovers took in virtual time
//   kieng_cluster_simulation --seed X [--trace]
//   ... --planted NAME    breaks a rule on purpose; --scenario NAME    plays only this
#include "cluster/core/simulation/simulation.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <string>

namespace {

using namespace kieng::cluster;
using namespace kieng::cluster::simulation;

struct request {
    std::uint64_t first = 1;
    std::uint64_t seeds = 1'000;
    options how;
};

int usage(std::FILE* to, int code)
{
    std::fputs("kieng_cluster_simulation [--seeds N] [--first S] | --seed X [--trace]\n"
               "    [--planted NAME] [--scenario NAME]\n",
               to);
    return code;
}

std::optional<std::uint64_t> read_number(const std::string& text)
{
    std::uint64_t out = 0;
    const char* const end = text.data() + text.size();
    const auto got = std::from_chars(text.data(), end, out);
    if (got.ec != std::errc{} || got.ptr != end || out == 0) return std::nullopt;
    return out;
}

bool read_name(const std::string& value, request& asked, bool is_planted)
{
    for (int n = 1; n <= 32; ++n) {
        if (is_planted && name_of(static_cast<planted>(n)) == value) {
            asked.how.fault = static_cast<planted>(n);
            return true;
        }
        if (!is_planted && name_of(static_cast<scenario>(n)) == value) {
            asked.how.only = static_cast<scenario>(n);
            return true;
        }
    }
    return false;
}

bool read(int count, char** words, request& asked)
{
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--trace") {
            asked.how.trace = true;
            continue;
        }
        if (i + 1 == count) return false;
        const std::string value = words[++i];
        const auto number = read_number(value);
        if (word == "--seeds" || word == "--first" || word == "--seed") {
            if (!number) return false;
            if (word != "--seeds") asked.first = *number;
            if (word != "--first") asked.seeds = word == "--seed" ? 1 : *number;
        } else if (word == "--planted" || word == "--scenario") {
            if (!read_name(value, asked, word == "--planted")) return false;
        } else {
            return false;
        }
    }
    return true;
}

void print_times(std::string_view what, std::vector<instant>& times)
{
    std::ranges::sort(times);
    const auto at = [&](double q) {
        const auto i = static_cast<std::size_t>(q * static_cast<double>(times.size() - 1));
        return std::chrono::duration<double, std::milli>(times[i]).count();
    };
    std::printf("%-14s takeover in ms: p50 %7.1f  p99 %7.1f  max %7.1f  of %zu\n",
                std::string(what).c_str(), at(0.5), at(0.99), at(1), times.size());
}

}  // namespace

int main(int count, char** words)
{
    request asked;
    if (count == 2 && std::string(words[1]) == "--help") return usage(stdout, 0);
    if (!read(count, words, asked)) return usage(stderr, 2);
    std::map<scenario, std::vector<instant>> times;
    std::uint64_t events = 0;
    std::uint64_t takeovers = 0;
    std::uint64_t failed = 0;
    for (auto seed = asked.first; seed < asked.first + asked.seeds; ++seed) {
        auto how = asked.how;
        how.seed = seed;
        const auto done = simulate(how);
        events += done.events;
        takeovers += static_cast<std::uint64_t>(done.takeovers);
        if (done.takeover) times[done.played].push_back(*done.takeover);
        if (done.violations.empty()) continue;
        ++failed;
        if (failed <= 20)
            std::printf("seed %llu (%s): %s\n", static_cast<unsigned long long>(seed),
                        std::string(name_of(done.played)).c_str(), done.violations[0].c_str());
    }
    for (auto& [what, all] : times) print_times(name_of(what), all);
    std::printf("%llu seeds, %llu events, %llu takeovers, %llu failed\n",
                static_cast<unsigned long long>(asked.seeds),
                static_cast<unsigned long long>(events), static_cast<unsigned long long>(takeovers),
                static_cast<unsigned long long>(failed));
    return failed == 0 ? 0 : 1;
}
