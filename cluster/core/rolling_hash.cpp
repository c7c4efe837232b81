#include "cluster/core/rolling_hash.hpp"

namespace kieng::cluster {
namespace {

// The same on every machine and in every version: it goes over the wire.
std::uint64_t hash_of(std::int64_t pos, std::string_view entity_id) noexcept
{
    std::uint64_t h = 14695981039346656037ULL;
    const auto mix = [&h](std::uint8_t byte) { h = (h ^ byte) * 1099511628211ULL; };
    for (int shift = 0; shift < 64; shift += 8)
        mix(static_cast<std::uint8_t>(static_cast<std::uint64_t>(pos) >> shift));
    for (const char c : entity_id) mix(static_cast<std::uint8_t>(c));
    h ^= h >> 31;
    h *= 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 29);
}

std::int64_t last_of_block(std::int64_t pos) noexcept
{
    return (pos + rolling_hash::kBlock - 1) / rolling_hash::kBlock * rolling_hash::kBlock;
}

}  // namespace

void rolling_hash::add(std::int64_t pos, std::string_view entity_id)
{
    if (pos > from_) blocks_[last_of_block(pos)] += hash_of(pos, entity_id);
}

void rolling_hash::applied(std::int64_t pos)
{
    if (pos <= applied_) return;
    // A block whose positions announced nothing has the hash 0.
    for (auto last = last_of_block(applied_ + 1); last <= pos; last += kBlock) {
        if (pos - last < static_cast<std::int64_t>(kKept) * kBlock) blocks_.try_emplace(last, 0);
    }
    applied_ = pos;
    while (blocks_.size() > kKept && blocks_.begin()->first <= applied_)
        blocks_.erase(blocks_.begin());
}

void rolling_hash::reset(std::int64_t applied)
{
    blocks_.clear();
    from_ = applied_ = applied;
}

std::vector<hash_mark> rolling_hash::marks(std::size_t most) const
{
    std::vector<hash_mark> all;
    for (const auto& [last, value] : blocks_) {
        if (whole(last)) all.push_back({last, value});
    }
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    return all;
}

std::optional<hash_mark> rolling_hash::differs_from(const std::vector<hash_mark>& others) const
{
    for (const auto& theirs : others) {
        const auto ours = blocks_.find(theirs.pos);
        if (ours != blocks_.end() && whole(theirs.pos) && ours->second != theirs.value)
            return theirs;
    }
    return std::nullopt;
}

}  // namespace kieng::cluster
