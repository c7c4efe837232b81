// What all event streams of a node share: the ring, the desks of the I/O threads, the cluster's view, and the counts that bound them.
//
// Built before the server, whose threads its desks serve; told by the event feed. Thread safe.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "cluster/core/position_token.hpp"
#include "node/event_desk.hpp"
#include "node/event_ring.hpp"
#include "node/platform/store/event_feed.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace kieng::node {

// Where the streams get what they do not hold. Each is called on I/O threads and must not block; token also on the feed's.
struct event_sources {
    std::function<std::string(cluster::position_token)> token;
    std::function<std::optional<cluster::position_token>(std::string_view)> read_token;
    std::function<std::int64_t()> incarnation;
    event_desk::history_reader history;
    std::function<task<bool>(std::int64_t pos, std::chrono::milliseconds limit)> wait_for;
    // Time since this node last knew that it had everything that PostgreSQL has.
    std::function<std::chrono::milliseconds()> age;
    std::function<bool()> draining;
};

struct event_limits {
    std::size_t streams = 10'000;
    std::size_t streams_per_address = 1'000;
    std::chrono::milliseconds idle{10'000};  // an id comes at least so often
    ring_limits ring;
};

class event_hub {
public:
    event_hub(event_sources sources, event_limits limits, const clock& now = system_clock());

    // For the feed, before it starts.
    [[nodiscard]] store::event_feed::listener listener();

    // The cluster's view as JSON text, shown to every stream at its start and after each view_changed(). Empty text: nothing to show.
    void follow_view(std::function<std::string()> source);
    void view_changed();
    // Ends the streams there are, so that their clients go to another node.
    void end_streams();

    struct view {
        std::uint64_t number = 0;
        std::shared_ptr<const std::string> block;  // null: nothing to show
    };
    [[nodiscard]] view shown_view() const;
    // Grows with each end_streams().
    [[nodiscard]] std::uint64_t closings() const noexcept { return closings_.load(); }

    [[nodiscard]] std::shared_ptr<event_desk> desk_of(const executor& where);

    // A place among the streams, kept while one lasts. taken() is false beyond a bound.
    class place {
    public:
        place(event_hub& of, std::string address);
        ~place();
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        [[nodiscard]] bool taken() const noexcept { return taken_; }

    private:
        event_hub& of_;
        const std::string address_;
        bool taken_ = false;
    };

    struct figures {
        std::size_t streams = 0;
        event_ring::size ring;
        std::uint64_t opened = 0, refused = 0, slow = 0, resets = 0;
    };
    [[nodiscard]] figures counts() const;
    void count_slow() noexcept { slow_.fetch_add(1, std::memory_order_relaxed); }
    void count_reset() noexcept { resets_.fetch_add(1, std::memory_order_relaxed); }

    const event_sources from;
    const event_limits most;
    const clock& time;
    event_ring ring;

private:
    [[nodiscard]] shown_ptr show_position(const store::position& what) const;
    void ring_all();

    std::atomic<std::uint64_t> closings_{0};
    std::atomic<std::uint64_t> opened_{0}, refused_{0}, slow_{0}, resets_{0};

    std::mutex view_order_;     // serialises view_changed(); taken before `mutex_`
    mutable std::mutex mutex_;  // guards all below
    std::vector<std::shared_ptr<event_desk>> desks_;
    std::function<std::string()> view_source_;
    view view_;
    std::size_t streams_ = 0;
    std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace kieng::node
