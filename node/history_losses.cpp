#include "node/history_losses.hpp"

namespace kieng::node {

void history_losses::token_ahead(std::int64_t incarnation)
{
    const std::lock_guard lock(guard_);
    ++counts_.by_token;
    learn(incarnation, "a caller's token is ahead of PostgreSQL");
}

void history_losses::server_changed(std::int64_t incarnation)
{
    const std::lock_guard lock(guard_);
    ++counts_.by_server;
    learn(incarnation, "PostgreSQL is another server or timeline than it was");
}

void history_losses::learn(std::int64_t incarnation, const char* how)
{
    if (incarnation <= told_) return;
    told_ = incarnation;
    fresh_.push_back({incarnation, how, time_.wall()});
}

std::vector<cluster::history_loss> history_losses::take()
{
    const std::lock_guard lock(guard_);
    return std::exchange(fresh_, {});
}

history_losses::figures history_losses::counts() const
{
    const std::lock_guard lock(guard_);
    return counts_;
}

}  // namespace kieng::node
