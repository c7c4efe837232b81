// Lets concurrent loads of one kind share statements: while a batch is on its way to PostgreSQL, further keys gather, and go
// together in the next. Alone, a load goes at once; under load, the cost of a round trip is shared by up to 64 keys.
//
// The loader gets the keys in order of arrival (a key may stand twice) and returns one value per key, in the same order, with
// cluster_head.pos read in the same statement, so that the values are what that position shows.
// Thread safe. Calls come from coroutines on an io_context. The database must outlive the calls.
#pragma once

#include "node/platform/store/database.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace kieng::store {

template <class Value>
struct loaded {
    std::vector<std::optional<Value>> values;  // one per key, nothing where there is no such thing
    std::int64_t pos = 0;
};

template <class Key, class Value>
class read_batcher {
public:
    using loader = std::function<loaded<Value>(tx&, const std::vector<Key>&)>;
    using answer = result<seen<std::optional<Value>>>;

    static constexpr std::size_t kLargest = 64;    // keys per statement
    static constexpr std::size_t kWaiting = 8192;  // one more is refused

    // `in_flight`: statements on their way at once, each on a connection of its own.
    read_batcher(database& on, loader load, std::size_t in_flight = 3)
        : shared_(std::make_shared<shared>(on, std::move(load), in_flight))
    {}

    // Errors: database_unavailable, overloaded. What the loader throws besides database errors reaches every caller of the batch.
    task<answer> load(Key key)
    {
        const executor where = co_await asio::this_coro::executor;
        use_task_t token;
        auto initiate = [this, where, &key](auto completion) {
            shared_->add(std::move(key), std::move(completion), where);
        };
        delivery got =
            co_await asio::async_initiate<use_task_t, void(delivery)>(std::move(initiate), token);
        if (got.thrown) std::rethrow_exception(got.thrown);
        co_return std::move(got.what);
    }

private:
    struct delivery {
        answer what;
        std::exception_ptr thrown;
    };
    using handler = asio::any_completion_handler<void(delivery)>;

    struct waiter {
        handler wake;
        executor where;
        steady_time until;
    };
    struct batch {
        std::vector<Key> keys;
        std::vector<waiter> waiters;
        loaded<Value> out;
        steady_time until = steady_time::max();
    };

    struct shared : std::enable_shared_from_this<shared> {
        shared(database& database_in, loader load_in, std::size_t limit_in)
            : on(database_in),
              load(std::move(load_in)),
              limit(limit_in)
        {}

        template <class Completion>
        void add(Key key, Completion completion, executor where)
        {
            waiter one{handler(std::move(completion)), where,
                       on.time().steady() + on.options().total};
            {
                const std::lock_guard lock(mutex);
                if (waiting.size() < kWaiting) {
                    waiting.emplace_back(std::move(key), std::move(one));
                    one.wake = nullptr;
                }
            }
            if (!one.wake) return pump();
            batch refused;
            refused.keys.push_back(std::move(key));
            refused.waiters.push_back(std::move(one));
            database::outcome full;
            full.ran = failure(errc::overloaded, {"Quá nhiều lượt đọc đang chờ cơ sở dữ liệu.",
                                                  "Too many reads wait for the database."});
            deliver(refused, std::move(full));
        }

        std::shared_ptr<batch> next()
        {
            const std::lock_guard lock(mutex);
            if (waiting.empty() || flying >= limit) return nullptr;
            ++flying;
            auto out = std::make_shared<batch>();
            while (!waiting.empty() && out->keys.size() < kLargest) {
                auto& [key, one] = waiting.front();
                out->until = std::min(out->until, one.until);
                out->keys.push_back(std::move(key));
                out->waiters.push_back(std::move(one));
                waiting.pop_front();
            }
            return out;
        }

        void pump()
        {
            auto work = next();
            if (!work) return;
            auto self = this->shared_from_this();
            std::function<void(tx&)> call = [self, work](tx& with) {
                work->out = self->load(with, work->keys);
                if (work->out.values.size() != work->keys.size())
                    throw std::logic_error("a loader lost keys");
            };
            std::function<void(database::outcome)> done = [self, work](database::outcome how) {
                {
                    const std::lock_guard lock(self->mutex);
                    --self->flying;
                }
                self->pump();  // the next one flies while this one is handed out
                deliver(*work, std::move(how));
            };
            on.submit(database::kind::query, std::move(call), std::move(done), {}, work->until);
        }

        // One hop per io_context, not per key.
        static void deliver(batch& what, database::outcome how)
        {
            using parcel = std::vector<std::pair<handler, delivery>>;
            std::vector<std::pair<executor, parcel>> parcels;
            for (std::size_t i = 0; i < what.waiters.size(); ++i) {
                auto& one = what.waiters[i];
                delivery out{failure(errc::internal_error), how.thrown};
                if (how.ran.has_error())
                    out.what = how.ran.error();
                else if (!how.thrown)
                    out.what =
                        seen<std::optional<Value>>{std::move(what.out.values[i]), what.out.pos};
                auto to = std::find_if(parcels.begin(), parcels.end(),
                                       [&](const auto& p) { return p.first == one.where; });
                if (to == parcels.end()) to = parcels.insert(parcels.end(), {one.where, parcel()});
                to->second.emplace_back(std::move(one.wake), std::move(out));
            }
            how.thrown = nullptr;  // from here on the exception is the callers'
            for (auto& [where, all] : parcels) {
                asio::post(where, [all = std::move(all)]() mutable {
                    for (auto& [wake, out] : all) std::move(wake)(std::move(out));
                });
            }
        }

        database& on;
        const loader load;
        const std::size_t limit;
        std::mutex mutex;
        std::deque<std::pair<Key, waiter>> waiting;  // guarded by mutex
        std::size_t flying = 0;                      // guarded by mutex
    };

    std::shared_ptr<shared> shared_;
};

}  // namespace kieng::store
