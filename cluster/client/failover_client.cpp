#include "cluster/client/failover_client.hpp"

#include "base/encoding.hpp"
#include "cluster/client/answer_json.hpp"
#include "cluster/client/client_core.hpp"

namespace kieng::cluster::client {

failover_client::failover_client(const executor& where, client_options options, const clock& now,
                                 random& bits)
    : core_(std::make_shared<client_core>(where, std::move(options), now, bits))
{}

failover_client::~failover_client()
{
    stop();
}

task<outcome> failover_client::request(std::string method, std::string target, header_list headers,
                                       std::string body, call_options how)
{
    return run_call(core_, std::move(method), std::move(target), std::move(headers),
                    std::move(body), std::move(how));
}

namespace {

task<resolution> settle(std::shared_ptr<client_core> core, std::string key, header_list headers)
{
    std::string target = "/api/requests/" + percent_encode(key) + "/abandon";
    // Claiming a key is repeatable by itself; the key in the path is its own.
    call_options how;
    how.use_key = key_use::automatic;
    resolution out;
    out.asked = co_await run_call(core, "POST", std::move(target), std::move(headers), {}, how);
    if (out.asked.ok) out.is = resolution_of(out.asked.reply.body);
    co_return out;
}

}  // namespace

task<resolution> failover_client::resolve(std::string key, header_list headers)
{
    return settle(core_, std::move(key), std::move(headers));
}

void failover_client::on_event(std::function<void(const event&)> callback)
{
    core_->on_event = std::move(callback);
}

void failover_client::start()
{
    if (core_->options.probes) spawn(core_->where, probe_nodes(core_), {});
    if (core_->options.views != view_source::off) spawn(core_->where, watch_view(core_), {});
}

void failover_client::stop()
{
    if (std::exchange(core_->stopped, true)) return;
    core_->on_event = {};
    core_->prober.cancel();
    core_->watcher.cancel();
    for (timer* one : core_->waiting) one->cancel();
    for (auto& kept : core_->idle) kept.clear();
    for (const auto& one : std::exchange(core_->open, {})) one->close();
}

service_state failover_client::state() const noexcept
{
    return core_->rules.known.state();
}

std::int64_t failover_client::view_number() const noexcept
{
    return core_->rules.known.view_number();
}

const std::string& failover_client::token() const noexcept
{
    return core_->rules.token.newest();
}

void failover_client::take_token(std::string_view token)
{
    core_->rules.token.seen(token);
}

}  // namespace kieng::cluster::client
