#include "node/view_watch.hpp"

#include <boost/asio/redirect_error.hpp>

#include <utility>

namespace kieng::node {

class view_watch::place {
public:
    place(std::shared_ptr<state> of, std::shared_ptr<timer> own)
        : of_(std::move(of)),
          own_(std::move(own))
    {
        const std::lock_guard lock(of_->guard);
        closed_ = of_->closed;
        taken_ = of_->places < kMostWaiting;
        if (!taken_) ++of_->refused;
        if (!taken_ || closed_) return;
        ++of_->places;
        of_->waiting.push_back(own_);
        held_ = true;
    }
    ~place()
    {
        if (!held_) return;
        const std::lock_guard lock(of_->guard);
        --of_->places;
        std::erase(of_->waiting, own_);
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    [[nodiscard]] bool taken() const noexcept { return taken_; }
    [[nodiscard]] bool held() const noexcept { return held_; }

private:
    std::shared_ptr<state> of_;
    std::shared_ptr<timer> own_;
    bool taken_ = false, closed_ = false, held_ = false;
};

void view_watch::changed()
{
    std::vector<std::shared_ptr<timer>> all;
    {
        const std::lock_guard lock(state_->guard);
        all.swap(state_->waiting);
    }
    // A timer belongs to its thread, and by the time this runs there its owner waits for it.
    for (const auto& one : all) asio::post(one->get_executor(), [one] { one->cancel(); });
}

void view_watch::close()
{
    {
        const std::lock_guard lock(state_->guard);
        state_->closed = true;
    }
    changed();
}

task<bool> view_watch::wait(std::chrono::milliseconds most, std::function<bool()> still)
{
    auto own = std::make_shared<timer>(co_await asio::this_coro::executor);
    own->expires_after(most);
    const place held(state_, own);
    if (!held.held() || !still()) co_return held.taken();
    boost::system::error_code ended;
    use_task_t token;
    auto quietly = asio::redirect_error(token, ended);
    co_await own->async_wait(quietly);
    co_return true;
}

view_watch::figures view_watch::counts() const
{
    const std::lock_guard lock(state_->guard);
    return {state_->places, state_->refused};
}

}  // namespace kieng::node
