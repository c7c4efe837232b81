// Lets units of one kind share commits: while few wait, each runs alone and at once; while many wait, they go in batches, one in flight per
// node, so that many cost one flush (docs/ARCHITECTURE.md, "Many writes, one commit").
//
// States of a unit: waiting -> alone | in a batch (-> alone) -> told. It is dropped from waiting when its caller is gone, when nobody can wait for
// its answer any more, and at stop.
// Twins (same principal, key and request) join the one that waits or works and get its answer as a replay; the same key with another request
// runs alone, where the ledger judges it.
// Bounds: `queue` units wait, one more is refused (overloaded); 1 s in the queue, 2.9 s in all.
// Thread safe. Calls come from coroutines on an io_context; the unit of work must outlive them.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace kieng::store {

struct group_options {
    std::size_t alone = 4;     // units that run alone at once
    std::size_t together = 8;  // so many waiting units make a batch worth while
    std::size_t largest = 32;  // units of a batch
    std::size_t queue = 1024;  // waiting units
};

struct group_figures {
    static constexpr std::array<double, 6> kBatchSizes{1, 2, 4, 8, 16, 32};  // upper bounds

    std::size_t waiting = 0, in_flight = 0;
    std::uint64_t batches = 0, batch_units = 0;
    std::array<std::uint64_t, kBatchSizes.size() + 1>
        sizes{};                   // not cumulative; the last holds the rest
    std::uint64_t singles = 0;     // ran alone because few waited
    std::uint64_t left = 0;        // left a batch: busy key, twin, or the batch fell apart
    std::uint64_t fell_apart = 0;  // batches that were rolled back
    std::uint64_t in_doubt = 0;    // units whose commit had to be settled
    std::uint64_t joined = 0;      // twins that shared an answer
    std::uint64_t dropped = 0;     // callers gone before their unit started
    std::uint64_t refused = 0;     // queue full, waited too long, stopping
};

// The queue, without knowing what the units do.
class group_queue {
public:
    using work = std::shared_ptr<const void>;
    using business = std::function<std::vector<unit_done>(tx&, const std::vector<const void*>&)>;

    group_queue(unit_of_work& on, business what, group_options how);
    ~group_queue();
    group_queue(const group_queue&) = delete;
    group_queue& operator=(const group_queue&) = delete;

    task<result<written>> run(write_key who, work what);
    void stop();
    [[nodiscard]] group_figures figures() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

template <class Draft>
class group_commit {
public:
    // Does all drafts in one transaction; one end per draft, in the same order. Runs on a pool thread, possibly again, also with one
    // draft. What it must hold to: unit_of_work::batch_business.
    using business = std::function<std::vector<unit_done>(tx&, const std::vector<const Draft*>&)>;

    group_commit(unit_of_work& on, business what, group_options how = {})
        : queue_(on, erased(std::move(what)), how)
    {}

    // Errors: those of the business; as unit_of_work::run; overloaded, draining.
    task<result<written>> run(write_key who, Draft what)
    {
        std::shared_ptr<const Draft> held = std::make_shared<Draft>(std::move(what));
        group_queue::work erased_work = std::move(held);
        return queue_.run(std::move(who), std::move(erased_work));
    }

    // Refuses what waits and what comes (draining); what is on its way ends, with its answer.
    void stop() { queue_.stop(); }
    [[nodiscard]] group_figures figures() const { return queue_.figures(); }

private:
    static group_queue::business erased(business what)
    {
        return [what = std::move(what)](tx& on, const std::vector<const void*>& all) {
            std::vector<const Draft*> drafts;
            drafts.reserve(all.size());
            for (const void* one : all) drafts.push_back(static_cast<const Draft*>(one));
            return what(on, drafts);
        };
    }

    group_queue queue_;
};

}  // namespace kieng::store
