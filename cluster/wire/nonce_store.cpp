#include "cluster/wire/nonce_store.hpp"

namespace kieng::cluster::wire {

nonce_store::nonce_store(nonce_limits limits) : limits_(limits) {}

void nonce_store::forget(share& of, steady_time now)
{
    while (!of.order.empty() && now - of.order.front().first > limits_.kept) {
        of.seen.erase(of.order.front().second);
        of.order.pop_front();
        --total_;
    }
}

nonce_verdict nonce_store::record(std::string_view peer, const nonce_bytes& nonce, steady_time now)
{
    auto at = peers_.find(peer);
    if (at != peers_.end()) forget(at->second, now);
    if (at != peers_.end() && at->second.seen.contains(nonce)) return nonce_verdict::seen;
    if (total_ >= limits_.total) {
        for (auto& [id, of] : peers_) forget(of, now);
        std::erase_if(peers_, [](const auto& one) { return one.second.order.empty(); });
        at = peers_.find(peer);
    }
    const std::size_t held = at == peers_.end() ? 0 : at->second.order.size();
    if (held >= limits_.per_peer || total_ >= limits_.total) return nonce_verdict::full;
    if (at == peers_.end()) at = peers_.try_emplace(std::string(peer)).first;
    at->second.order.emplace_back(now, nonce);
    at->second.seen.insert(nonce);
    ++total_;
    return nonce_verdict::fresh;
}

}  // namespace kieng::cluster::wire
