// Follows the outbox: every committed position of every node reaches this node's listeners, whatever gets lost on the way.
//
// A thread of its own with a connection of its own polls cluster_head and reads the positions it has not seen. arrived() takes
// positions that came a faster way (own commits, pushes) and may come in any order, doubled or early; a hole that they leave is
// read after 20 ms, or at once when somebody waits for it. Listeners hear every position at least once, on arrival, before
// `applied` includes it. Listening must be idempotent and quick.
// A start begins at the head; a node that fell below the trim line tells listeners to forget everything (reset).
// Thread safe.
#pragma once

#include "base/async.hpp"
#include "node/platform/store/database.hpp"
#include "node/platform/store/event.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace kieng::store {

class event_feed {
public:
    struct listener {
        std::function<void(const position&)> arrived;
        std::function<void(std::int64_t pos)>
            reset;  // history is not continuous: forget what you hold, go on from pos
        // `applied` has come this far. In order, from one thread at a time, after all up to it were heard; called after each
        // reset, too, when the new incarnation() is known. Neither may make the feed move or wait.
        std::function<void(std::int64_t pos)> advanced;
    };
    static constexpr std::chrono::milliseconds kHole{20};

    event_feed(database_options how, std::chrono::milliseconds poll,
               const clock& now = system_clock());
    ~event_feed();

    void listen(listener to);  // before start()
    void start();
    void stop();

    void arrived(const position& what);
    // How often to compare with the head from now on: often while nothing else brings the positions, seldom otherwise.
    void set_poll(std::chrono::milliseconds every) noexcept;
    // Compares at once: a position is known to be there that will not come by itself.
    void look_now();

    // Every position up to this one has been heard by all listeners.
    [[nodiscard]] std::int64_t applied() const noexcept;
    [[nodiscard]] std::int64_t incarnation()
        const noexcept;  // 0 until the database was reached once
    // Time since the head was last compared with PostgreSQL; the bound on how stale a cached answer can be.
    [[nodiscard]] std::chrono::milliseconds age() const noexcept;
    // The head of the history as PostgreSQL has it now; nothing while it cannot be asked.
    task<std::optional<std::int64_t>> newest();
    // Waits until `pos` is applied, at most `limit`. Returns whether it is.
    task<bool> wait_for(std::int64_t pos, std::chrono::milliseconds limit);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kieng::store
