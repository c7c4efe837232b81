#include "node/event_ring.hpp"

#include <algorithm>

namespace kieng::node {

void event_ring::heard(shown_ptr what)
{
    const std::lock_guard lock(mutex_);
    if (incarnation_ != 0 && what->incarnation != incarnation_) return;
    // Between a reset and the first advance the history has no name yet: its numbers may be below the old ones.
    if (incarnation_ != 0 && what->pos <= applied_) return;
    const bool fresh = early_.try_emplace(what->pos, what).second;
    if (!fresh) return;
    early_bytes_ += what->bytes;
    trim_early();
}

void event_ring::reset(std::int64_t pos)
{
    const std::lock_guard lock(mutex_);
    ++generation_;
    incarnation_ = 0;
    applied_ = pos;
    shown_.clear();
    bytes_ = 0;
    early_.clear();
    early_bytes_ = 0;
}

void event_ring::advance(std::int64_t pos, std::int64_t incarnation)
{
    const std::lock_guard lock(mutex_);
    if (incarnation_ == 0) incarnation_ = incarnation;
    while (!early_.empty() && early_.begin()->first <= pos) {
        const auto next = std::move(early_.begin()->second);
        early_.erase(early_.begin());
        early_bytes_ -= next->bytes;
        if (next->incarnation != incarnation_ || next->pos <= applied_) continue;
        if (next->pos != applied_ + 1) {
            shown_.clear();
            bytes_ = 0;
        }
        applied_ = next->pos;
        bytes_ += next->bytes;
        shown_.push_back(next);
    }
    if (pos > applied_) {
        shown_.clear();
        bytes_ = 0;
        applied_ = pos;
    }
    trim();
}

event_ring::place event_ring::head() const
{
    const std::lock_guard lock(mutex_);
    return {generation_, incarnation_, applied_};
}

event_ring::reading event_ring::after(std::uint64_t generation, std::int64_t pos,
                                      std::size_t bytes) const
{
    reading out;
    const std::lock_guard lock(mutex_);
    if (generation != generation_) {
        out.how = found::forgotten;
        return out;
    }
    if (pos >= applied_) return out;
    const auto first = applied_ - static_cast<std::int64_t>(shown_.size()) + 1;
    if (pos + 1 < first) {
        out.how = found::older;
        out.first = first;
        return out;
    }
    out.how = found::some;
    std::size_t total = 0;
    for (auto i = static_cast<std::size_t>(pos + 1 - first); i < shown_.size() && total < bytes;
         ++i) {
        out.positions.push_back(shown_[i]);
        total += shown_[i]->bytes;
    }
    out.all = out.positions.back() == shown_.back();
    return out;
}

std::size_t event_ring::behind(std::uint64_t generation, std::int64_t pos) const
{
    const std::lock_guard lock(mutex_);
    std::size_t total = 0;
    if (generation != generation_) return total;
    for (auto one = shown_.rbegin(); one != shown_.rend() && (*one)->pos > pos; ++one)
        total += (*one)->bytes;
    return total;
}

event_ring::size event_ring::held() const
{
    const std::lock_guard lock(mutex_);
    return {shown_.size() + early_.size(), bytes_ + early_bytes_};
}

void event_ring::trim()
{
    while (!shown_.empty() && (shown_.size() > most_.positions || bytes_ > most_.bytes)) {
        bytes_ -= shown_.front()->bytes;
        shown_.pop_front();
    }
}

// The farthest ahead go: they are the last that anybody will ask for, and the outbox has them.
void event_ring::trim_early()
{
    while (!early_.empty() && (early_.size() > most_.positions || early_bytes_ > most_.bytes)) {
        const auto last = std::prev(early_.end());
        early_bytes_ -= last->second->bytes;
        early_.erase(last);
    }
}

}  // namespace kieng::node
