#include "node/platform/http/server_state.hpp"

#include "node/platform/http/transport.hpp"

#include <stdexcept>

namespace kieng::http {
namespace {

std::string page_policy_of(const std::vector<std::string>& connect_sources)
{
    std::string policy =
        "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; connect-src 'self'";
    for (const auto& source : connect_sources) policy += " " + source;
    return policy;
}

}  // namespace

bool connection_limits::enter(const std::string& client)
{
    if (open_.fetch_add(1, std::memory_order_relaxed) >= total_) {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    auto& in = of(client);
    const std::scoped_lock lock(in.guard);
    auto& count = in.clients[client];
    if (count >= per_client_) {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    ++count;
    return true;
}

void connection_limits::leave(const std::string& client)
{
    open_.fetch_sub(1, std::memory_order_relaxed);
    auto& in = of(client);
    const std::scoped_lock lock(in.guard);
    const auto found = in.clients.find(client);
    if (found != in.clients.end() && --found->second == 0) in.clients.erase(found);
}

server_state::server_state(server_options o, std::vector<route> table, const authenticator& a,
                           cache::response_cache& c, position_source& p)
    : options(std::move(o)),
      routes(std::move(table)),
      who(a),
      cache(c),
      positions(p),
      origins(options.cors_origins),
      proxies(options.trusted_proxies),
      by_address(options.requests_per_second_per_address),
      by_user(options.requests_per_second_per_user),
      connections(options.within.connections, options.within.connections_per_address),
      ready(options.ready)
{
    if (options.within.header_fields > head::kMaxFields)
        throw std::invalid_argument("too many header fields allowed");
    if (!options.web_root.empty()) files.emplace(options.web_root);
    page_policy = page_policy_of(options.connect_sources);
    all_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    load_tls();
}

std::shared_ptr<asio::ssl::context> server_state::tls() const
{
    const std::scoped_lock lock(tls_guard_);
    return tls_;
}

void server_state::load_tls()
{
    if (options.tls_cert.empty() && options.tls_key.empty()) return;
    auto made = make_tls_context(options.tls_cert, options.tls_key);
    const std::scoped_lock lock(tls_guard_);
    tls_ = std::move(made);
}

}  // namespace kieng::http
