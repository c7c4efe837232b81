#include "node/platform/cache/drop_marks.hpp"

#include <algorithm>

namespace kieng::cache {

void drop_marks::mark(const std::string& tag, std::int64_t pos)
{
    highest_ = std::max(highest_, pos);
    auto [at, fresh] = latest_.try_emplace(tag, pos);
    if (!fresh) {
        if (at->second >= pos) return;
        at->second = pos;
    }
    order_.push_back({pos, tag});
    while (order_.size() > most_) {
        const aged oldest = std::move(order_.front());
        order_.pop_front();
        const auto found = latest_.find(oldest.tag);
        if (found == latest_.end() || found->second != oldest.pos)
            continue;  // superseded by a later mark
        floor_ = std::max(floor_, oldest.pos);
        latest_.erase(found);
    }
}

void drop_marks::forget_below(std::int64_t pos)
{
    latest_.clear();
    order_.clear();
    floor_ = std::max(floor_, pos);
    highest_ = std::max(highest_, pos);
}

bool drop_marks::current(const std::vector<std::string>& tags, std::int64_t pos) const
{
    if (pos < floor_) return false;
    return std::none_of(tags.begin(), tags.end(), [&](const std::string& tag) {
        const auto found = latest_.find(tag);
        return found != latest_.end() && found->second > pos;
    });
}

}  // namespace kieng::cache
