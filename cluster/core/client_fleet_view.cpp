// The part of the fleet that listens to the cluster: views and probes.
#include "cluster/core/client_fleet.hpp"

#include <algorithm>
#include <tuple>

namespace kieng::cluster::client {
namespace {

bool is_well(const std::string& state)
{
    return state == "alive" || state == "late";
}

}  // namespace

std::string same_url_form(std::string_view url)
{
    std::string out(url);
    while (out.ends_with('/')) out.pop_back();
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::transform(out.begin(), out.end(), out.begin(), lower);
    const std::string_view own = out.starts_with("https://") ? ":443" : ":80";
    if (out.ends_with(own)) out.erase(out.size() - own.size());
    return out;
}

view_news fleet::merge(const view& news, std::size_t from, steady_time now)
{
    if (!view_.cluster.empty() && news.cluster != view_.cluster) {
        nodes_[from].foreign = true;
        update_state(now);
        return view_news::foreign;
    }
    nodes_[from].foreign = false;
    if (std::tie(news.incarnation, news.epoch, news.number) <=
        std::tie(view_.incarnation, view_.epoch, view_.number)) {
        return view_news::old;
    }
    view_ = news;
    bool any = false;
    for (entry& mine : nodes_) {
        mine.listed_well = false;
        for (const view_server& told : news.servers) {
            if (same_url_form(told.url) != same_url_form(mine.url)) continue;
            mine.id = told.id;
            mine.name = told.id;
            mine.priority = told.priority;
            mine.listed_well = is_well(told.state);
            any = any || mine.listed_well;
        }
    }
    // A view that leaves us nobody of ours is no reason to have nobody to ask.
    view_.panic = view_.panic || !any;
    update_state(now);
    return view_news::taken;
}

std::optional<steady_time> fleet::probe_at(const entry& who, steady_time now) const
{
    if (who.probing) return std::nullopt;
    if (who.guard.open()) return who.guard.probe_at();
    if (is_away(who, now)) return who.probed_at + numbers_.probe_every;
    return std::nullopt;
}

std::optional<steady_time> fleet::probe_at(steady_time now) const
{
    std::optional<steady_time> first;
    for (const entry& who : nodes_) {
        const auto at = probe_at(who, now);
        if (at && (!first || *at < *first)) first = at;
    }
    return first;
}

std::vector<std::size_t> fleet::take_due_probes(steady_time now)
{
    update_state(now);  // a node may have become well by time alone
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        entry& who = nodes_[i];
        const auto at = probe_at(who, now);
        if (!at || *at > now) continue;
        who.probing = true;
        who.probed_at = now;
        if (who.guard.open()) who.guard.probe_started();
        due.push_back(i);
    }
    return due;
}

void fleet::probe_done(std::size_t index, bool good, steady_time now)
{
    entry& who = nodes_[index];
    who.probing = false;
    who.probed_at = now;
    who.guard.probe_done(good, now);
    if (good)
        good_sign(who, now);
    else
        leave(who, now);
    update_state(now);
}

}  // namespace kieng::cluster::client
