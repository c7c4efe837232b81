// What keeps retries and hedges from becoming a storm. Pure. Not thread safe; the owner serialises.
#pragma once

#include "cluster/core/client_settings.hpp"

#include <algorithm>
#include <cmath>

namespace kieng::cluster::client {

// A retry costs one token, a success gives a part of one back; at the floor there is no retry.
class retry_budget {
public:
    explicit retry_budget(const settings& numbers) : numbers_(numbers), tokens_(numbers.budget) {}

    [[nodiscard]] bool take()
    {
        if (tokens_ <= numbers_.budget_floor + kRounding) return false;
        tokens_ -= 1;
        return true;
    }
    void succeeded() { tokens_ = std::min(numbers_.budget, tokens_ + numbers_.budget_return); }
    [[nodiscard]] double tokens() const noexcept { return tokens_; }

private:
    static constexpr double kRounding = 1e-9;
    const settings& numbers_;
    double tokens_;
};

// At most a share of the reads is asked for twice. At most one hedge is saved up.
class hedge_allowance {
public:
    explicit hedge_allowance(const settings& numbers) : numbers_(numbers) {}

    void read_begun() { saved_ = std::min(1.0, saved_ + numbers_.hedge_share); }
    [[nodiscard]] bool take()
    {
        if (saved_ < 1.0 - kRounding) return false;
        saved_ -= 1.0;
        return true;
    }

private:
    static constexpr double kRounding = 1e-9;
    const settings& numbers_;
    double saved_ = 0;
};

}  // namespace kieng::cluster::client
