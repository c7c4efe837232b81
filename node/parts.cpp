#include "node/parts.hpp"

#include "base/ids.hpp"
#include "node/catalog/upkeep_store.hpp"
#include "node/cluster_metrics.hpp"
#include "node/event_routes.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/upkeep_store.hpp"
#include "node/incarnation_routes.hpp"
#include "node/inventory/upkeep_store.hpp"
#include "node/metrics_sources.hpp"
#include "node/platform/store/duty_store.hpp"
#include "node/sweeps.hpp"

#include <algorithm>
#include <thread>

namespace kieng::node {
namespace {

constexpr std::chrono::milliseconds kPoll{20};  // how often the feed compares itself with the head
constexpr int kReloads =
    900;  // tries, one a second: by then every token from before the gap has expired

http::server_options server_options(const settings& how)
{
    http::server_options out;
    out.bind_address = how.bind_address;
    out.port = how.port;
    out.io_threads =
        how.io_threads > 0 ? how.io_threads : std::max(1U, std::thread::hardware_concurrency());
    out.within.connections = how.max_connections;
    out.within.connections_per_address = how.max_connections_per_address;
    out.tls_cert = how.tls_cert;
    out.tls_key = how.tls_key;
    out.server_id = how.server_id;
    out.access_log = how.access_log;
    out.default_language = how.default_language == "en" ? http::language::en : http::language::vi;
    out.cors_origins = how.cors_origins;
    out.trusted_proxies = how.trusted_proxies;
    out.requests_per_second_per_address = how.rate_limit_address;
    out.requests_per_second_per_user = how.rate_limit_user;
    out.ignores_token.set(identity::session_open.bit);
    out.always_answered.set(identity::system_read.bit);
    out.always_answered.set(identity::cluster_peer.bit);
    out.streams_events.set(identity::events_read.bit);
    out.offers_text.set(identity::system_read.bit);
    out.offers_text.set(identity::catalog_export.bit);
    out.web_root = how.web_root;
    for (const auto& peer : how.peers) out.connect_sources.push_back(peer.url);
    out.ready = false;
    return out;
}

identity::identity_options identity_options(const settings& how)
{
    identity::identity_options out;
    out.jwt_secret = how.jwt_secret;
    out.hashing.cost = how.bcrypt_cost;
    out.hashing.threads = how.hash_threads;
    out.hashing.queue = how.hash_queue;
    out.limits = how.login_limits;
    out.currency = how.default_currency;
    out.language = how.default_language;
    return out;
}

event_limits stream_limits(const settings& how)
{
    event_limits out;
    out.streams = how.max_event_streams;
    out.streams_per_address = how.max_event_streams_per_address;
    return out;
}

}  // namespace

store::database_options database_options(const settings& how, const std::string& boot_id)
{
    store::database_options out = how.database;
    // PostgreSQL cuts session names at 63 bytes; the last group of the id is random enough to tell boots apart.
    out.boot_id = boot_id.substr(boot_id.rfind('-') + 1);
    return out;
}

store::database_options database_options(const settings& how, const std::string& boot_id,
                                         history_losses& losses)
{
    auto out = database_options(how, boot_id);
    out.history_began = [&losses](std::int64_t incarnation) { losses.server_changed(incarnation); };
    return out;
}

parts::parts(const settings& set)
    : how(set),
      boot_id(make_uuid(system_clock(), system_random())),
      began(system_clock().steady()),
      losses(system_clock()),
      database(database_options(set, boot_id, losses)),
      feed(database_options(set, boot_id, losses), kPoll),
      cache(set.cache_bytes),
      membership(std::make_unique<cluster_part>(set, boot_id, surroundings())),
      writes(database,
             [this](const store::position& what) {
                 feed.arrived(what);
                 membership->committed(what);
             }),
      people(identity_options(set), database, writes, system_clock(), system_random()),
      goods(set.default_currency, database, writes, system_clock(), system_random()),
      stock(set.default_currency, database, writes, system_clock(), system_random()),
      sales(set.jwt_secret, {database, writes, system_clock(), system_random(), set.server_id}),
      sales_desk(sales.service()),
      money(set.payments, {{database, writes},
                           sales_desk,
                           system_clock(),
                           system_random(),
                           set.server_id,
                           set.default_currency,
                           set.jwt_secret}),
      history(feed, set.cluster_secret, losses),
      events(sources(), stream_limits(set)),
      server(server_options(set), routes(), people.authenticator(), cache, history)
{
    listen_to_history();
    events.follow_view([this] { return view_json(*membership); });
    server.admit_peers(membership->door());
    describe_to_metrics();
    sales.service().set_payments(money.hooks());
    begin_sweeps();
}

cluster_surroundings parts::surroundings()
{
    std::vector<duty> duties;
    duties.push_back({"outbox.trim", std::chrono::minutes(1),
                      [](store::tx& on) { return store::trim_outbox(on); }});
    duties.push_back({"ledger.expire", std::chrono::minutes(1),
                      [](store::tx& on) { return store::expire_requests(on); }});
    duties.push_back({"identity.expire", std::chrono::minutes(1),
                      [](store::tx& on) { return identity::expire(on); }});
    duties.push_back({"catalog.versions", std::chrono::minutes(10),
                      [](store::tx& on) { return catalog::expire_versions(on); }});
    duties.push_back({"stock.expire_lots", std::chrono::minutes(1),
                      [](store::tx& on) { return inventory::expire_lots(on); }});
    return {feed,
            [this] { return server.oldest_round(); },
            [this](const std::string& cluster) { history.set_cluster(cluster); },
            [this] {
                views.changed();
                events.view_changed();
            },
            [this](bool alone) {
                history.set_cut_off(alone);
                database.give_up(alone);
            },
            [this] { cache.clear(feed.applied()); },
            [this] { events.end_streams(); },
            losses,
            std::move(duties)};
}

std::vector<http::route> parts::routes()
{
    std::vector<http::route> all =
        system_routes({[this] { return health(); }, [this] { return metrics.text(); }});
    const auto append = [&all](std::vector<http::route> more) {
        all.insert(all.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    };
    append(peer_routes(*membership));
    append(cluster_routes(*membership, views));
    append(incarnation_routes(*membership));
    append(request_routes(database));
    append(people.routes());
    append(goods.routes());
    append(stock.routes());
    append(sales.routes());
    append(money.routes());
    append(event_routes(events, people.authenticator()));
    return all;
}

void parts::listen_to_history()
{
    store::event_feed::listener to;
    to.arrived = [this](const store::position& what) {
        std::vector<std::string> tags;
        for (const auto& event : what.events)
            tags.insert(tags.end(), event.tags.begin(), event.tags.end());
        cache.drop(tags, what.pos);
        people.on_event(what);
    };
    to.reset = [this](std::int64_t pos) {
        cache.clear(pos);
        if (started) reload_revocations();
    };
    feed.listen(std::move(to));
    feed.listen(membership->listener());
    // After the listener above: whoever sees an event must not find in the cache what was before it, nor a session that it ended.
    feed.listen(events.listener());
    server.on_drain([this] {
        events.end_streams();
        views.close();
    });
}

event_sources parts::sources()
{
    event_sources out;
    out.token = [this](cluster::position_token of) { return history.token(of); };
    out.read_token = [this](std::string_view text) { return history.open(text); };
    out.incarnation = [this] { return feed.incarnation(); };
    out.history = [this](std::int64_t after) {
        std::function<store::outbox_reading(store::tx&)> read = [after](store::tx& on) {
            return store::read_outbox(on, after);
        };
        return database.query<store::outbox_reading>(std::move(read));
    };
    out.wait_for = [this](std::int64_t pos, std::chrono::milliseconds limit) {
        return feed.wait_for(pos, limit);
    };
    out.age = [this] { return feed.age(); };
    out.draining = [this] { return server.draining() || membership->draining(); };
    return out;
}

// What was revoked in the part of the history that this node did not hear.
void parts::reload_revocations()
{
    spawn(
        server.executors().front(),
        [this]() -> task<> {
            for (int attempt = 0; attempt < kReloads; ++attempt) {
                const auto loaded = co_await people.load();
                if (loaded) co_return;
                co_await sleep_for(std::chrono::seconds(1));
            }
            log::error("revocations_not_loaded");
        },
        [](std::exception_ptr) { log::error("revocations_not_loaded"); });
}

// Orders whose time is over end wherever they are noticed first.
void parts::begin_sweeps()
{
    constexpr int kAtOnce = 50;
    std::vector<sweep> all;
    all.push_back({"orders.expire", std::chrono::seconds(1),
                   [this] { return sales.service().expire_due(kAtOnce); }, kAtOnce});
    all.push_back({"catalog.publish", std::chrono::seconds(1),
                   [this] { return goods.products().publish_due(); },
                   catalog::product_service::kPublishBatch});
    const auto may_run = [this] {
        return started.load(std::memory_order_acquire) && !server.draining();
    };
    start_sweeps(server.executors().front(), may_run, std::move(all));
}

void parts::describe_to_metrics()
{
    metrics.add([this](telemetry::samples& out) { http_samples(server.snapshot(), out); });
    metrics.add([this](telemetry::samples& out) { database_samples(database.health(), out); });
    metrics.add([this](telemetry::samples& out) { cache_samples(cache, out); });
    metrics.add([this](telemetry::samples& out) { feed_samples(feed, out); });
    metrics.add([this](telemetry::samples& out) { event_samples(events.counts(), out); });
    metrics.add([this](telemetry::samples& out) { cluster_samples(*membership, out); });
    metrics.add([this](telemetry::samples& out) {
        group_samples("orders", sales.service().figures(), out);
    });
    metrics.add([this](telemetry::samples& out) { view_samples(views.counts(), out); });
    metrics.add([this](telemetry::samples& out) {
        out.counter("kieng_tokens_refused_total", "Kieng-Token headers with a bad signature.",
                    static_cast<double>(history.refused()));
    });
    metrics.add(log_samples);
    metrics.add(telemetry::process_samples);
}

// As the cluster's thread last published it, with what this node knows better by itself.
health_view parts::health() const
{
    const auto seen = membership->node().known();
    health_view out;
    out.now = seen->now;
    out.now.draining = out.now.draining || server.draining();
    out.now.applied = std::max(out.now.applied, feed.applied());
    out.now.pos = std::max(out.now.pos, out.now.applied);
    out.cluster = seen->cluster;
    out.at = seen->at;
    auto& facts = out.facts;
    facts.version = KIENG_VERSION;
    facts.uptime =
        std::chrono::duration_cast<std::chrono::seconds>(system_clock().steady() - began);
    facts.started = started.load(std::memory_order_acquire);
    facts.stale_reads = cache.entries() > 0;
    for (const auto delay : server.loop_delays())
        facts.loop_delay = std::max(facts.loop_delay, delay);
    facts.resident_bytes = telemetry::read_process().resident_bytes;
    facts.database_why = database.health().why;
    return out;
}

}  // namespace kieng::node
