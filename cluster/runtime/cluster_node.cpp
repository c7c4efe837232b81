#include "cluster/runtime/cluster_node.hpp"

#include "base/log.hpp"
#include "cluster/runtime/cluster_state.hpp"

#include <pthread.h>

#include <algorithm>
#include <future>

namespace kieng::cluster {
namespace {

constexpr std::chrono::milliseconds kLook{5};
constexpr std::chrono::seconds kLastWord{3};     // for resigning and closing what is open
constexpr std::chrono::milliseconds kShow{250};  // the picture is at most so old
constexpr std::chrono::seconds kCondition{1};    // how often the own house is looked at
constexpr std::size_t kNonceBytes = 16;
constexpr instant kStarting = std::chrono::seconds(10);

std::string what_of(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "not a std::exception";
    }
}

cluster_settings settings_of(const cluster_options& how, random& bits)
{
    cluster_settings out;
    out.heartbeat_every = how.heartbeat;
    out.failback_after = how.failback_after;
    out.heartbeat_late = how.heartbeat + how.heartbeat / 6;
    out.seed = bits.below(std::numeric_limits<std::uint32_t>::max()) + 1U;
    return out;
}

// Before anything is known: every address that the settings name, for what it is worth.
server_list as_the_settings_say(const cluster_options& how)
{
    server_list out;
    out.panic = true;
    for (const auto& seed : how.seeds)
        out.servers.push_back(
            {seed.id, seed.url, seed.priority, node_role::standby, member_state::unknown});
    out.servers.push_back(
        {how.self.id, how.self.url, how.self.priority, node_role::standby, member_state::unknown});
    std::sort(out.servers.begin(), out.servers.end(),
              [](const auto& a, const auto& b) { return a.priority < b.priority; });
    return out;
}

}  // namespace

cluster_node::state::state(cluster_options options, control_database& to,
                           const wire::peer_secrets& with, cluster_hooks tell, const clock& now,
                           random& bits, asio::ssl::context* tls_in)
    : how(std::move(options)),
      database(to),
      secrets(with),
      hooks(std::move(tell)),
      time(now),
      source(bits),
      signer(with, how.self.id, now, bits),
      figures(how.self.id, now),
      group(context.get_executor(),
            [](std::string_view name, const std::exception_ptr& error) {
                log::error("cluster_task_failed", {{"task", name}, {"why", what_of(error)}});
            }),
      wakeup(context.get_executor()),
      self(how.self),
      tls(tls_in)
{}

cluster_node::cluster_node(cluster_options how, control_database& to,
                           const wire::peer_secrets& secrets, cluster_hooks hooks, const clock& now,
                           random& bits, asio::ssl::context* tls)
    : state_(std::make_unique<state>(std::move(how), to, secrets, std::move(hooks), now, bits, tls))
{
    auto& s = *state_;
    const std::vector<node_identity> alone;
    const cluster_machine nobody(settings_of(s.how, s.source), s.self, alone, s.time.boot());
    auto first = std::make_shared<published>();
    first->now = nobody.snapshot(s.time.boot());
    first->boot_at = s.time.boot();
    first->at = s.time.wall();
    first->now.servers = as_the_settings_say(s.how);
    s.latest = std::move(first);
}

cluster_node::~cluster_node()
{
    stop();
}

void cluster_node::start(node_identity self, const std::vector<node_identity>& known,
                         std::string cluster)
{
    auto& s = *state_;
    if (s.running.exchange(true)) return;
    s.self = std::move(self);
    s.cluster = std::move(cluster);
    s.round = s.time.steady().time_since_epoch().count();
    s.work.emplace(s.context.get_executor());
    asio::post(s.context, [&s, known] { s.begin(known); });
    s.thread = std::thread([&s] {
        pthread_setname_np(pthread_self(), "cluster");
        s.context.run();
    });
}

void cluster_node::stop()
{
    auto& s = *state_;
    if (!s.running.exchange(false)) return;
    std::promise<void> ended;
    spawn(s.context.get_executor(),
          [&s, &ended]() -> task<> {
              const auto last = s.time.steady() + kLastWord;
              s.end();
              while (!s.group.empty() && s.time.steady() < last) co_await sleep_for(kLook);
              ended.set_value();
          },
          {});
    ended.get_future().wait();
    s.work.reset();
    if (!s.group.empty()) s.context.stop();
    s.thread.join();
}

std::shared_ptr<const published> cluster_node::known() const
{
    const auto& s = *state_;
    std::shared_ptr<const published> last;
    {
        const std::lock_guard lock(s.guard);
        last = s.latest;
    }
    const instant now = s.time.boot();
    if (!s.running || still_holds(last->now, now)) return last;
    auto old = std::make_shared<published>(*last);
    old->now = as_of(std::move(old->now), now);
    return old;
}

std::chrono::nanoseconds cluster_node::loop_age() const noexcept
{
    const auto& s = *state_;
    if (!s.running) return std::chrono::nanoseconds(0);
    return s.time.steady() - steady_time(steady_time::duration(s.round.load()));
}

cluster_figures& cluster_node::figures() const noexcept
{
    return state_->figures;
}

void cluster_node::committed(const wire::sync_position& what, std::int64_t incarnation)
{
    auto& s = *state_;
    if (!s.running) return;
    auto packed = wire::pack(what, incarnation);
    asio::post(s.context, [&s, packed = std::move(packed)] {
        for (const auto& [id, link] : s.links) link->pusher().add(packed);
    });
}

void cluster_node::progressed(std::int64_t pos, std::int64_t applied)
{
    state_->pos = pos;
    state_->applied = applied;
}

task<result<wire::heartbeat_answer>> cluster_node::take_heartbeat(node_id from,
                                                                  wire::heartbeat_message what)
{
    auto& s = *state_;
    if (!s.running) co_return failure(errc::starting);
    if (what.state.node.id != from) co_return failure(errc::unauthenticated);
    const auto received = s.time.wall();
    auto start = [&s, from, what, received](promise<wire::heartbeat_answer> done) {
        auto held = std::make_shared<promise<wire::heartbeat_answer>>(std::move(done));
        asio::post(s.context, [&s, from, what, received, held] {
            (*held)(s.answer_heartbeat(from, what, received));
        });
    };
    co_return co_await await_promise<wire::heartbeat_answer>(start);
}

task<> cluster_node::serve_stream(node_id from, boot_id boot, std::string nonce,
                                  std::string secret_id,
                                  std::function<task<bool>(std::string)> sink)
{
    auto& s = *state_;
    const auto* secret = s.secrets.named(secret_id);
    if (!s.running || secret == nullptr) co_return;
    const std::string own_nonce = s.source.text(kNonceBytes);
    wire::stream_names names;
    names.opener = from;
    names.acceptor = s.how.self.id;
    names.opener_boot = boot;
    names.acceptor_boot = s.how.self.boot;
    names.opener_nonce = std::move(nonce);
    names.acceptor_nonce = own_nonce;
    auto keys = wire::make_stream_keys(secret->value, names);
    const executor where = co_await asio::this_coro::executor;
    auto stream = std::make_shared<outgoing_stream>(
        from, boot, write_hello(s.how.self.boot, own_nonce, secret->id), std::move(keys.to_opener),
        where, s.time);
    s.hub.add(stream);
    asio::post(s.context, [&s, from, boot] {
        s.feed(input::stream_opened{from, boot, link::theirs});
        // The first sealed line proves to the peer who we are.
        if (s.machine) s.run(action::send_beat{s.machine->own_beat(s.time.boot())});
    });
    co_await stream->write(std::move(sink));
    s.hub.remove(stream.get());
    asio::post(s.context, [&s, from, boot] {
        if (s.hub.open_to(from) == 0) s.feed(input::stream_closed{from, boot, link::theirs});
    });
}

void cluster_node::clock_seen(node_id peer, std::chrono::microseconds offset)
{
    auto& s = *state_;
    if (!s.running) return;
    asio::post(s.context, [&s, peer = std::move(peer), offset] {
        s.feed(input::clock_seen{peer, offset});
    });
}

void cluster_node::hand_over(std::optional<node_id> to)
{
    auto& s = *state_;
    if (!s.running) return;
    asio::post(s.context, [&s, to = std::move(to)] { s.hand_over(to); });
}

void cluster_node::drain()
{
    auto& s = *state_;
    if (!s.running) return;
    asio::post(s.context, [&s] { s.feed(input::drain{}); });
}

void cluster_node::undrain()
{
    auto& s = *state_;
    if (!s.running) return;
    asio::post(s.context, [&s] { s.feed(input::undrain{}); });
}

// Only the active node can give the role away; any other passes the wish on. Nothing named: the best of the others.
void cluster_node::state::hand_over(const std::optional<node_id>& to)
{
    const auto now = machine->snapshot(time.boot());
    log::info("handover_asked", {{"to", to.value_or("")}, {"active", now.active}});
    if (now.active == self.id)
        give_role(to);
    else
        hub.say_to(now.active, wire::handover_line{to});
}

void cluster_node::state::give_role(const std::optional<node_id>& to)
{
    if (to != self.id && !machine->may_take_role(to))
        log::warning("handover_refused",
                     {{"to", to.value_or("")}, {"why", "not fit for the role"}});
    feed(input::handover{to});
}

void cluster_node::state::begin(const std::vector<node_identity>& known)
{
    begun = time.boot();
    shared.emplace(peer_link::shared{context.get_executor(), self,
                                     peer_calls{signer, hooks.incarnation, tls}, secrets, time,
                                     group});
    std::vector<node_identity> all = known;
    for (const auto& seed : how.seeds) {
        const bool there =
            seed.id == self.id ||
            std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.id == seed.id; });
        if (!there) all.push_back(seed);
    }
    machine.emplace(settings_of(how, source), self, all, time.boot());
    know(all);
    note_lock_session();
    group.start("tick", [this] { return tick(); });
    read_history(kWholeHistory);
    show();
}

// Feeds the machine in the order things happened: what performing an action brings at once waits its turn.
void cluster_node::state::feed(const cluster_input& what)
{
    if (!machine) return;
    count(what);
    waiting_inputs.push_back(what);
    if (feeding) return;
    feeding = true;
    while (!waiting_inputs.empty()) {
        const auto next = std::move(waiting_inputs.front());
        waiting_inputs.pop_front();
        perform(machine->on(next, time.boot()));
    }
    feeding = false;
    wakeup.cancel();  // the next step may be due sooner now
}

void cluster_node::state::count(const cluster_input& what)
{
    if (const auto* answered = std::get_if<input::peer_answered>(&what)) {
        if (answered->well || worth_counting(answered->peer))
            figures.checked(answered->peer, answered->well, answered->round_trip);
    }
    const auto* tried = std::get_if<input::reconnected>(&what);
    if (tried && tried->outcome != input::reconnect_outcome::accepted &&
        worth_counting(tried->peer))
        figures.checked(tried->peer, false, {});
}

// A peer that starts with this node is not there yet for a moment: nothing has failed.
bool cluster_node::state::worth_counting(const node_id& peer) const
{
    const auto* seen = machine->detector().find(peer);
    return (seen != nullptr && seen->heard) || time.boot() - begun > kStarting;
}

task<> cluster_node::state::tick()
{
    while (!group.stopping()) {
        round = time.steady().time_since_epoch().count();
        note_lock_session();
        feed(input::progress{pos, applied});
        feed(input::tick{hooks.loops_age()});
        look_at_condition();
        set_pace();
        if (time.boot() - shown_at >= kShow) show();
        boost::system::error_code ended;
        use_task_t token;
        auto quietly = asio::redirect_error(token, ended);
        const auto most = machine->next_wakeup() - time.boot();
        const auto pause = std::clamp(most, instant(std::chrono::milliseconds(1)),
                                      instant(std::chrono::milliseconds(50)));
        wakeup.expires_after(
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause));
        co_await wakeup.async_wait(quietly);
    }
}

void cluster_node::state::look_at_condition()
{
    if (time.boot() - condition_at < kCondition) return;
    condition_at = time.boot();
    feed(input::condition_read{hooks.condition(), hooks.incarnation(), hooks.new_losses(),
                               time.wall()});
}

void cluster_node::state::show()
{
    shown_at = time.boot();
    auto next = picture();
    const std::lock_guard lock(guard);
    latest = std::move(next);
}

std::shared_ptr<const published> cluster_node::state::picture() const
{
    auto out = std::make_shared<published>();
    out->boot_at = time.boot();
    out->at = time.wall();
    out->now = machine->snapshot(out->boot_at);
    out->cluster = cluster;
    for (const auto& [id, link] : links) out->links[id] = {link->pusher().counts()};
    return out;
}

heartbeat cluster_node::state::own_heartbeat() const
{
    heartbeat out;
    out.node = self;
    out.state = machine->own_beat(time.boot());
    out.incarnation = hooks.incarnation();
    out.condition = hooks.condition();
    out.marks = hooks.marks();
    out.lost = machine->lost();
    return out;
}

wire::heartbeat_message cluster_node::state::own_message() const
{
    wire::heartbeat_message out;
    out.state = own_heartbeat();
    out.sent_at = time.wall();
    out.uptime = std::chrono::duration_cast<std::chrono::seconds>(time.boot() - begun);
    return out;
}

// The order matters: the role goes first, then peers hear that this end is meant, then the streams end.
void cluster_node::state::end()
{
    feed(input::stop{});
    hub.say(wire::goodbye_line{});
    group.stop();
    hub.close();
    for (const auto& [id, link] : links) link->stop();
    wakeup.cancel();
    show();
}

}  // namespace kieng::cluster
