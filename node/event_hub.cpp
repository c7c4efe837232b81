#include "node/event_hub.hpp"

#include <algorithm>

namespace kieng::node {

event_hub::event_hub(event_sources sources, event_limits limits, const clock& now)
    : from(std::move(sources)),
      most(limits),
      time(now),
      ring(most.ring)
{}

store::event_feed::listener event_hub::listener()
{
    store::event_feed::listener to;
    to.arrived = [this](const store::position& what) { ring.heard(show_position(what)); };
    to.reset = [this](std::int64_t pos) {
        ring.reset(pos);
        ring_all();
    };
    to.advanced = [this](std::int64_t pos) {
        ring.advance(pos, from.incarnation());
        ring_all();
    };
    return to;
}

shown_ptr event_hub::show_position(const store::position& what) const
{
    const auto incarnation = what.incarnation != 0 ? what.incarnation : from.incarnation();
    const auto token = from.token({incarnation, what.pos});
    return show(what, incarnation, token);
}

void event_hub::ring_all()
{
    const std::lock_guard lock(mutex_);
    for (const auto& desk : desks_) desk->ring();
}

void event_hub::follow_view(std::function<std::string()> source)
{
    {
        const std::lock_guard lock(mutex_);
        view_source_ = std::move(source);
    }
    view_changed();
}

void event_hub::view_changed()
{
    // One at a time, so that an older view is never shown after a newer one.
    const std::lock_guard in_order(view_order_);
    std::function<std::string()> source;
    {
        const std::lock_guard lock(mutex_);
        source = view_source_;
    }
    if (!source) return;
    auto text = source();
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    {
        const std::lock_guard lock(mutex_);
        ++view_.number;
        view_.block =
            text.empty()
                ? nullptr
                : std::make_shared<const std::string>("event: view\ndata: " + text + "\n\n");
    }
    ring_all();
}

event_hub::view event_hub::shown_view() const
{
    const std::lock_guard lock(mutex_);
    return view_;
}

void event_hub::end_streams()
{
    closings_.fetch_add(1);
    ring_all();
}

std::shared_ptr<event_desk> event_hub::desk_of(const executor& where)
{
    const std::lock_guard lock(mutex_);
    for (const auto& desk : desks_)
        if (desk->where() == where) return desk;
    desks_.push_back(std::make_shared<event_desk>(
        where, from.history, [this](const store::position& what) { return show_position(what); },
        time));
    return desks_.back();
}

event_hub::place::place(event_hub& of, std::string address) : of_(of), address_(std::move(address))
{
    const std::lock_guard lock(of_.mutex_);
    auto& mine = of_.by_address_[address_];
    taken_ = of_.streams_ < of_.most.streams && mine < of_.most.streams_per_address;
    if (taken_) {
        ++mine;
        ++of_.streams_;
        of_.opened_.fetch_add(1, std::memory_order_relaxed);
    } else {
        if (mine == 0) of_.by_address_.erase(address_);
        of_.refused_.fetch_add(1, std::memory_order_relaxed);
    }
}

event_hub::place::~place()
{
    if (!taken_) return;
    const std::lock_guard lock(of_.mutex_);
    --of_.streams_;
    const auto mine = of_.by_address_.find(address_);
    if (--mine->second == 0) of_.by_address_.erase(mine);
}

event_hub::figures event_hub::counts() const
{
    figures out;
    out.ring = ring.held();
    out.opened = opened_.load(std::memory_order_relaxed);
    out.refused = refused_.load(std::memory_order_relaxed);
    out.slow = slow_.load(std::memory_order_relaxed);
    out.resets = resets_.load(std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    out.streams = streams_;
    return out;
}

}  // namespace kieng::node
