#include "node/positions.hpp"

namespace kieng::node {

std::string_view positions::cluster() const noexcept
{
    return cluster_known_.load(std::memory_order_acquire) ? std::string_view(cluster_)
                                                          : std::string_view();
}

void positions::set_cluster(std::string name)
{
    std::call_once(named_, [&] {
        cluster_ = std::move(name);
        cluster_known_.store(true, std::memory_order_release);
    });
}

std::string positions::token(std::int64_t pos) const
{
    return signer_.write({feed_.incarnation(), pos});
}

std::int64_t positions::read(std::string_view token) const noexcept
{
    try {
        const auto good = signer_.read(token);
        if (good) {
            const auto ours = feed_.incarnation();
            if (good->incarnation == ours) return good->pos;
            if (ours == 0) return 0;
            feed_.look_now();
            return good->incarnation < ours ? kOtherHistory : kLaterHistory;
        }
    } catch (const std::bad_alloc&) {
        return 0;
    }
    refused_.fetch_add(1, std::memory_order_relaxed);
    return 0;
}

void positions::history_vanished() noexcept
{
    try {
        losses_.token_ahead(feed_.incarnation());
    } catch (const std::exception&) {  // no memory: the next one that proves it tells
        return;
    }
}

task<bool> positions::wait_for(std::int64_t pos, std::chrono::milliseconds time)
{
    co_return co_await feed_.wait_for(pos, time);
}

}  // namespace kieng::node
