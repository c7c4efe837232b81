#include "cluster/core/simulation/simulation.hpp"

#include <doctest/doctest.h>

using namespace kieng::cluster::simulation;

TEST_CASE("500 seeds hold every promise")
{
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const auto done = simulate({seed});
        CAPTURE(seed);
        CAPTURE(name_of(done.played));
        CHECK_MESSAGE(done.violations.empty(), done.violations.front());
    }
}

TEST_CASE("the same seed is the same run")
{
    const auto one = simulate({77});
    const auto again = simulate({77});
    CHECK(one.events == again.events);
    CHECK(one.takeovers == again.takeovers);
}

TEST_CASE("each planted bug is found within few seeds")
{
    for (int n = 2; n <= static_cast<int>(kLastPlanted); ++n) {
        options how;
        how.fault = static_cast<planted>(n);
        bool found = false;
        for (how.seed = 1; how.seed <= 40 && !found; ++how.seed)
            found = !simulate(how).violations.empty();
        CHECK_MESSAGE(found, name_of(how.fault));
    }
}
