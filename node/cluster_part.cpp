#include "node/cluster_part.hpp"

#include "base/log.hpp"
#include "cluster/runtime/peer_connection.hpp"
#include "node/parts.hpp"

#include <algorithm>
#include <stdexcept>

namespace kieng::node {
namespace {

constexpr std::chrono::milliseconds kOften{20};
constexpr std::chrono::milliseconds kSeldom{250};
constexpr std::chrono::seconds kOwnName{1};

cluster::node_identity identity_of(const settings& how, const std::string& boot_id)
{
    cluster::node_identity out;
    out.id = how.server_id;
    out.boot = boot_id;
    out.url = how.self_url;
    out.version = KIENG_VERSION;
    return out;
}

// The order of the addresses is the order of preference; a node that none of them names comes after those that were there.
std::optional<int> priority_of(const settings& how)
{
    if (how.priority) return how.priority;
    for (std::size_t i = 0; i < how.peers.size(); ++i) {
        if (how.peers[i].server_id == how.server_id) return static_cast<int>(i) + 1;
    }
    return std::nullopt;
}

cluster::cluster_options cluster_options_of(const settings& how, const cluster::node_identity& self)
{
    cluster::cluster_options out;
    out.self = self;
    out.self.priority = priority_of(how).value_or(0);
    for (std::size_t i = 0; i < how.peers.size(); ++i) {
        cluster::node_identity seed;
        seed.id = how.peers[i].server_id;
        seed.url = how.peers[i].url;
        seed.priority = static_cast<int>(i) + 1;
        if (seed.id != self.id) out.seeds.push_back(std::move(seed));
    }
    out.heartbeat = how.heartbeat;
    out.failback_after = how.failback_after;
    out.insecure_peers = how.insecure_peers;
    return out;
}

void prepare_tls(asio::ssl::context& tls, const settings& how)
{
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
    tls.set_verify_mode(asio::ssl::verify_peer);
    if (how.peer_ca.empty())
        tls.set_default_verify_paths();
    else
        tls.load_verify_file(how.peer_ca);
}

cluster::wire::sync_position to_wire(const store::position& what, wall_time at)
{
    cluster::wire::sync_position out;
    out.pos = what.pos;
    for (const auto& one : what.events) {
        cluster::wire::sync_event event;
        event.type = one.type;
        event.entity = one.entity;
        event.entity_id = one.entity_id;
        event.version = one.version;
        event.tags = one.tags;
        event.at = at;
        event.data = one.data.empty() ? "{}" : one.data;
        event.trace = what.trace;
        out.events.push_back(std::move(event));
    }
    return out;
}

}  // namespace

void history_marks::heard(const store::position& what)
{
    const std::lock_guard lock(guard_);
    if (seen_.seen(what.pos)) return;
    for (const auto& one : what.events) hash_.add(what.pos, one.entity_id);
    if (seen_.arrived(what.pos)) hash_.applied(seen_.applied());
}

void history_marks::reset(std::int64_t pos)
{
    const std::lock_guard lock(guard_);
    seen_ = cluster::sync_cursor(pos);
    hash_.reset(pos);
}

std::vector<cluster::hash_mark> history_marks::marks() const
{
    const std::lock_guard lock(guard_);
    return hash_.marks();
}

cluster_part::cluster_part(const settings& how, const std::string& boot_id,
                           cluster_surroundings around)
    : how_(how),
      around_(std::move(around)),
      self_(identity_of(how, boot_id)),
      secrets_(how.cluster_secret, how.cluster_secret_previous),
      verifier_(secrets_, how.server_id, system_clock()),
      door_(verifier_,
            [this](std::string peer, std::chrono::milliseconds ahead) {
                node_->clock_seen(std::move(peer), ahead);
            }),
      tls_(asio::ssl::context::tls_client),
      control_(database_options(how, boot_id, around_.losses), self_, system_clock()),
      duties_(
          database_options(how, boot_id, around_.losses),
          [this](const store::position& what) {
              around_.feed.arrived(what);
              committed(what);
          },
          std::move(around_.duties)),
      condition_(how)
{
    prepare_tls(tls_, how);
    node_ =
        std::make_unique<cluster::cluster_node>(cluster_options_of(how, self_), control_, secrets_,
                                                hooks(), system_clock(), system_random(), &tls_);
}

cluster::cluster_hooks cluster_part::hooks()
{
    cluster::cluster_hooks out;
    out.incarnation = [this] { return around_.feed.incarnation(); };
    out.loops_age = around_.loops_age;
    out.look_now = [this] { around_.feed.look_now(); };
    out.pace = [this](bool pushed) { around_.feed.set_poll(pushed ? kSeldom : kOften); };
    out.start_duties = [this](std::int64_t epoch) { duties_.start(epoch); };
    out.stop_duties = [this](std::int64_t epoch) { duties_.stop(epoch); };
    out.peers_known = [this](const std::vector<std::string>& peers) { verifier_.know(peers); };
    out.view_changed = [this](std::int64_t) { around_.view_changed(); };
    out.database_changed = [this](cluster::outage_scope scope) {
        around_.cut_off(scope == cluster::outage_scope::node);
    };
    out.marks = [this] { return marks_.marks(); };
    out.history_differs = [this](const cluster::node_id& peer, std::int64_t mark) {
        log::warning("history_differs", {{"peer", peer}, {"pos", mark}});
        around_.forget_cache();
    };
    out.condition = [this] { return condition_.seen(); };
    out.new_losses = [this] { return around_.losses.take(); };
    return out;
}

task<bool> cluster_part::open(executor io)
{
    control_.start();
    const auto before = co_await control_.predecessor();
    if (!before.has_value()) co_return false;
    if (*before) {
        const bool lives = co_await answers_as(**before);
        if (lives)
            throw std::runtime_error("duplicate_node_id: another process goes by the name " +
                                     self_.id + " and answers at " + (*before)->url +
                                     "; give this one another SERVER_ID.");
    }
    const auto listed = co_await control_.enlist(priority_of(how_));
    if (!listed.has_value()) co_return false;
    self_ = listed->self;
    duties_.open(io);
    around_.named(listed->cluster);
    auto known = listed->nodes;
    node_->start(self_, known, listed->cluster);
    open_ = true;
    co_return true;
}

// Whether the process that went by our name until now still answers.
task<bool> cluster_part::answers_as(cluster::node_identity who)
{
    const auto to = cluster::peer_address::parse(who.url);
    if (!to) co_return false;
    const executor here = co_await asio::this_coro::executor;
    cluster::peer_connection way(here, *to, &tls_);
    const auto by = system_clock().steady() + kOwnName;
    const auto fault = co_await way.open(by);
    if (fault != cluster::peer_fault::none) co_return false;
    cluster::peer_request question;
    question.method = "GET";
    question.target = "/api/health";
    const auto answer = co_await way.ask(question, by);
    co_return answer.body.find("\"boot\":\"" + who.boot + "\"") != std::string::npos;
}

void cluster_part::stop()
{
    if (!open_) return;
    node_->stop();
    duties_.close();
    control_.stop();
}

void cluster_part::drain()
{
    draining_ = true;
    node_->drain();
    around_.drained();
}

void cluster_part::undrain()
{
    draining_ = false;
    node_->undrain();
}

void cluster_part::committed(const store::position& what)
{
    node_->committed(to_wire(what, system_clock().wall()), what.incarnation);
}

store::event_feed::listener cluster_part::listener()
{
    store::event_feed::listener out;
    out.arrived = [this](const store::position& what) { marks_.heard(what); };
    out.reset = [this](std::int64_t pos) { marks_.reset(pos); };
    out.advanced = [this](std::int64_t pos) { node_->progressed(pos, pos); };
    return out;
}

}  // namespace kieng::node
