#include "cluster/client/client_core.hpp"

#include <algorithm>
#include <stdexcept>

namespace kieng::cluster::client {
namespace {

// The order of the list is the priority unless it has numbers of its own.
std::vector<configured_node> with_priorities(std::vector<configured_node> nodes)
{
    const bool numbered = std::any_of(nodes.begin(), nodes.end(),
                                      [](const configured_node& one) { return one.priority != 0; });
    for (std::size_t i = 0; i < nodes.size() && !numbered; ++i) {
        nodes[i].priority = static_cast<int>(i + 1);
    }
    if (nodes.empty())
        throw std::invalid_argument("a client needs the address of at least one server");
    return nodes;
}

std::function<double()> chance_of(const client_options& how, random& bits)
{
    if (how.jitter) return how.jitter;
    return [&bits] { return static_cast<double>(bits.below(1'000'001)) / 1'000'000.0; };
}

}  // namespace

client_core::client_core(const executor& on, client_options how, const clock& time, random& chance)
    : where(on),
      options(std::move(how)),
      now(time),
      bits(chance),
      tls(client_tls(options.ca_file)),
      rules(options.numbers, with_priorities(options.servers), options.cluster,
            chance_of(options, chance)),
      idle(options.servers.size()),
      prober(on),
      watcher(on)
{
    for (const configured_node& one : options.servers) endpoints.push_back(endpoint::of(one.url));
}

client_core::taken client_core::take(std::size_t node)
{
    auto& kept = idle[node];
    while (!kept.empty()) {
        auto last = std::move(kept.back());
        kept.pop_back();
        if (now.steady() - last->idle_since < options.keep_idle && last->usable())
            return {last, false};
        last->close();
        forget(last);
    }
    auto made = std::make_shared<connection>(where, endpoints[node], tls);
    open.insert(made);
    return {made, true};
}

void client_core::give_back(std::size_t node, std::shared_ptr<connection> used)
{
    used->watch(milliseconds(0), now, {});
    if (stopped || !used->reusable() || idle[node].size() >= options.kept_per_node) {
        used->close();
        forget(used);
        return;
    }
    used->idle_since = now.steady();
    idle[node].push_back(std::move(used));
}

void client_core::tell()
{
    for (const event& one : rules.known.take_events()) {
        if (on_event) on_event(one);
    }
    prober.cancel();
}

}  // namespace kieng::cluster::client
