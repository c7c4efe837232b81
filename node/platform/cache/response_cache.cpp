#include "node/platform/cache/response_cache.hpp"

#include "base/encoding.hpp"
#include "node/platform/cache/drop_marks.hpp"
#include "node/platform/cache/gzip.hpp"

#include <algorithm>
#include <list>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace kieng::cache {
namespace {

constexpr std::size_t kEntryOverhead = 256;  // nodes, pointers and index rows of an entry, roughly
constexpr int kMostReloads = 4;

std::shared_ptr<entry> make_entry(loaded&& from)
{
    auto made = std::make_shared<entry>();
    const std::uint64_t hash = std::hash<std::string_view>{}(from.body);
    made->etag = from.version + (from.version.empty() ? "" : ".") +
                 to_hex({reinterpret_cast<const char*>(&hash), sizeof hash});
    made->status = from.status;
    made->content_type = std::move(from.content_type);
    made->body = std::move(from.body);
    made->location = std::move(from.location);
    made->tags = std::move(from.tags);
    made->pos = from.pos;
    return made;
}

}  // namespace

const std::string& entry::gzip() const
{
    std::call_once(compressed_, [this] {
        if (body.size() >= kMinGzipBytes) gzip_ = cache::gzip(body);
    });
    return gzip_;
}

std::size_t entry::bytes() const noexcept
{
    std::size_t sum =
        kEntryOverhead + body.size() + body.size() / 3;  // a third for the compressed form
    for (const auto& tag : tags) sum += 2 * tag.size() + 64;
    return sum;
}

struct response_cache::state {
    using waiter = promise<result<entry_ptr>>;

    // A read under way: those who came while it ran wait for it.
    struct flight {
        std::vector<waiter> waiters;
    };
    struct kept {
        std::string key;
        entry_ptr value;
        std::atomic<bool> used{false};  // second chance of the eviction clock
        std::size_t size;

        kept(std::string k, entry_ptr v)
            : key(std::move(k)),
              value(std::move(v)),
              size(value->bytes() + 2 * key.size())
        {}
    };
    using kept_list = std::list<kept>;

    explicit state(std::size_t most) : max_bytes(most) {}

    std::size_t max_bytes;  // constant after construction
    counters stats;

    mutable std::shared_mutex guard;  // guards everything below
    kept_list clock;                  // eviction order, oldest first
    std::unordered_map<std::string_view, kept_list::iterator> by_key;
    std::unordered_map<std::string, std::unordered_set<kept*>, text_hash, std::equal_to<>> by_tag;
    std::unordered_map<std::string, std::shared_ptr<flight>> flights;
    drop_marks marks{kMaxMarks};
    std::size_t bytes = 0;

    void erase(kept_list::iterator at)
    {
        for (const auto& tag : at->value->tags) {
            const auto found = by_tag.find(tag);
            if (found == by_tag.end()) continue;
            found->second.erase(&*at);
            if (found->second.empty()) by_tag.erase(found);
        }
        bytes -= at->size;
        by_key.erase(at->key);
        clock.erase(at);
    }

    void evict()
    {
        while (bytes > max_bytes && !clock.empty()) {
            const auto oldest = clock.begin();
            if (oldest->used.exchange(false, std::memory_order_relaxed)) {
                clock.splice(clock.end(), clock, oldest);
                continue;
            }
            erase(oldest);
            stats.evicted.fetch_add(1, std::memory_order_relaxed);
        }
    }

    // Keeps what was read unless something it shows changed since. Called with the lock held.
    void keep(const std::string& key, const entry_ptr& value)
    {
        if (!marks.current(value->tags, value->pos)) {
            stats.refused_fills.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        if (value->bytes() > max_bytes) return;
        if (const auto old = by_key.find(key); old != by_key.end()) {
            if (old->second->value->pos > value->pos) return;
            erase(old->second);
        }
        const auto at = clock.emplace(clock.end(), key, value);
        by_key.emplace(at->key, at);
        for (const auto& tag : value->tags) by_tag[tag].insert(&*at);
        bytes += at->size;
        stats.fills.fetch_add(1, std::memory_order_relaxed);
        evict();
    }

    // Ends a flight: keeps the value and answers the waiters outside the lock.
    void land(const std::string& key, const std::shared_ptr<flight>& which,
              const result<entry_ptr>& outcome)
    {
        std::vector<waiter> waiting;
        {
            const std::unique_lock lock(guard);
            if (outcome && max_bytes > 0) keep(key, *outcome);
            waiting.swap(which->waiters);
            if (const auto found = flights.find(key);
                found != flights.end() && found->second == which)
                flights.erase(found);
        }
        for (auto& one : waiting) one(outcome);
    }
};

namespace {

// Answers the waiters of a flight even if its leader's coroutine is destroyed or throws.
template <class Land>
class landing {
public:
    explicit landing(Land how) : how_(std::move(how)) {}
    landing(const landing&) = delete;
    landing& operator=(const landing&) = delete;
    ~landing()
    {
        if (!done_) how_(result<entry_ptr>(failure(errc::overloaded)));
    }
    void operator()(const result<entry_ptr>& outcome)
    {
        done_ = true;
        how_(outcome);
    }

private:
    Land how_;
    bool done_ = false;
};

}  // namespace

response_cache::response_cache(std::size_t max_bytes) : state_(std::make_unique<state>(max_bytes))
{}
response_cache::~response_cache() = default;

entry_ptr response_cache::find(std::string_view key)
{
    {
        const std::shared_lock lock(state_->guard);
        const auto found = state_->by_key.find(key);
        if (found != state_->by_key.end()) {
            auto& kept = *found->second;
            if (!kept.used.load(std::memory_order_relaxed))
                kept.used.store(true, std::memory_order_relaxed);
            state_->stats.hits.fetch_add(1, std::memory_order_relaxed);
            return kept.value;
        }
    }
    state_->stats.misses.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
}

task<result<entry_ptr>> response_cache::load(std::string key, std::int64_t min_pos, loader read)
{
    for (int attempt = 0; attempt < kMostReloads; ++attempt) {
        std::shared_ptr<state::flight> joined;
        std::shared_ptr<state::flight> own;
        std::int64_t dropped_before = 0;
        {
            const std::unique_lock lock(state_->guard);
            dropped_before = state_->marks.highest();
            auto& slot = state_->flights[key];
            if (slot)
                joined = slot;
            else
                own = slot = std::make_shared<state::flight>();
        }
        if (own) {
            auto land = [this, key, own](const result<entry_ptr>& outcome) {
                state_->land(key, own, outcome);
            };
            landing<decltype(land)> finish(std::move(land));
            auto what = co_await read();
            if (!what) {
                result<entry_ptr> failed(what.error());
                finish(failed);
                co_return failed;
            }
            result<entry_ptr> done(entry_ptr(make_entry(std::move(*what))));
            finish(done);
            if ((*done)->pos < min_pos) co_return failure(errc::history_changed);
            co_return done;
        }
        auto wait = [this, joined, key](state::waiter me) {
            {
                const std::unique_lock lock(state_->guard);
                const auto found = state_->flights.find(key);
                if (found != state_->flights.end() && found->second == joined) {
                    joined->waiters.push_back(std::move(me));
                    return;
                }
            }
            me(result<entry_ptr>(entry_ptr()));  // it landed in between: look again
        };
        auto shared = co_await await_promise<result<entry_ptr>>(std::move(wait));
        if (!shared) co_return shared;
        // What began before we asked may be older than what we must see: a drop we knew of, or the caller's own position.
        if (*shared && (*shared)->pos >= min_pos) {
            const std::shared_lock lock(state_->guard);
            if ((*shared)->pos >= dropped_before ||
                state_->marks.current((*shared)->tags, (*shared)->pos))
                co_return shared;
        }
    }
    auto what = co_await read();
    if (!what) co_return what.error();
    if (what->pos < min_pos) co_return failure(errc::history_changed);
    co_return entry_ptr(make_entry(std::move(*what)));
}

void response_cache::drop(std::span<const std::string> tags, std::int64_t pos)
{
    const std::unique_lock lock(state_->guard);
    for (const auto& tag : tags) {
        state_->marks.mark(tag, pos);
        const auto found = state_->by_tag.find(tag);
        if (found == state_->by_tag.end()) continue;
        const std::vector<state::kept*> touched(found->second.begin(), found->second.end());
        for (auto* const one : touched) {
            if (one->value->pos >= pos) continue;  // read after this change: it shows it already
            state_->erase(state_->by_key.at(one->key));
            state_->stats.dropped.fetch_add(1, std::memory_order_relaxed);
        }
    }
}

void response_cache::clear(std::int64_t pos)
{
    const std::unique_lock lock(state_->guard);
    state_->marks.forget_below(pos);
    state_->stats.dropped.fetch_add(state_->clock.size(), std::memory_order_relaxed);
    state_->by_tag.clear();
    state_->by_key.clear();
    state_->clock.clear();
    state_->bytes = 0;
}

std::size_t response_cache::bytes() const noexcept
{
    const std::shared_lock lock(state_->guard);
    return state_->bytes;
}

std::size_t response_cache::entries() const noexcept
{
    const std::shared_lock lock(state_->guard);
    return state_->clock.size();
}

const counters& response_cache::stats() const noexcept
{
    return state_->stats;
}

}  // namespace kieng::cache
