#include "cluster/core/sync_cursor.hpp"

namespace kieng::cluster {

bool sync_cursor::arrived(std::int64_t pos)
{
    if (pos <= applied_) return false;
    if (pos != applied_ + 1) {
        if (early_.size() < kMaxEarly) early_.insert(pos);
        return false;
    }
    applied_ = pos;
    auto next = early_.begin();
    while (next != early_.end() && *next == applied_ + 1) {
        applied_ = *next;
        next = early_.erase(next);
    }
    return true;
}

void sync_cursor::reset(std::int64_t applied)
{
    applied_ = applied;
    early_.erase(early_.begin(), early_.upper_bound(applied));
    while (!early_.empty() && *early_.begin() == applied_ + 1) {
        applied_ = *early_.begin();
        early_.erase(early_.begin());
    }
}

}  // namespace kieng::cluster
