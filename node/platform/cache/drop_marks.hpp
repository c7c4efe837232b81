// Remembers which tags were dropped at which position, so that an answer read before a drop is not kept after it.
//
// Bounded: the oldest marks go first, and their position becomes the floor, below which nothing is accepted.
// Not thread safe; the cache's lock protects it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kieng::cache {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept
    {
        return std::hash<std::string_view>{}(text);
    }
};

class drop_marks {
public:
    explicit drop_marks(std::size_t most) : most_(most) {}

    void mark(const std::string& tag, std::int64_t pos);
    void forget_below(std::int64_t pos);
    // Whether an answer read at `pos` under these tags is still right as far as we know.
    [[nodiscard]] bool current(const std::vector<std::string>& tags, std::int64_t pos) const;
    // The highest position marked or forgotten so far.
    [[nodiscard]] std::int64_t highest() const noexcept { return highest_; }
    [[nodiscard]] std::size_t size() const noexcept { return latest_.size(); }

private:
    struct aged {
        std::int64_t pos;
        std::string tag;
    };

    std::size_t most_;
    std::unordered_map<std::string, std::int64_t, text_hash, std::equal_to<>> latest_;
    std::deque<aged> order_;  // may hold superseded marks; latest_ decides
    std::int64_t floor_ = 0;
    std::int64_t highest_ = 0;
};

}  // namespace kieng::cache
