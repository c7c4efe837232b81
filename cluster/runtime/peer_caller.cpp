#include "cluster/runtime/peer_caller.hpp"

#include <algorithm>

namespace kieng::cluster {

peer_caller::peer_caller(executor on, std::string id, peer_address to, const peer_calls& how)
    : id_(std::move(id)),
      how_(how),
      connection_(std::move(on), std::move(to), how.tls)
{}

peer_request peer_caller::sign(std::string_view method, const std::string& target,
                               std::string body) const
{
    peer_request out;
    out.method = method;
    out.target = target;
    if (!body.empty()) out.content_type = "application/json";
    out.body = std::move(body);
    wire::outgoing_request what;
    what.method = out.method;
    what.target = out.target;
    what.to = id_;
    what.incarnation = how_.incarnation();
    what.content_type = out.content_type;
    what.body = out.body;
    out.headers = how_.signer.sign(what);
    return out;
}

task<peer_reply> peer_caller::post(std::string target, std::string json, steady_time by)
{
    for (;;) {
        const bool kept = connection_.is_open();
        peer_reply out;
        out.fault = co_await connection_.open(by);
        if (out.fault != peer_fault::none) co_return out;
        const auto request = sign("POST", target, json);
        out = co_await connection_.ask(request, by);
        if (!kept || out.fault != peer_fault::reset) co_return out;
    }
}

task<peer_reply> peer_caller::open_stream(std::string target, std::string& nonce, steady_time by)
{
    connection_.close();
    peer_reply out;
    out.fault = co_await connection_.open(by);
    if (out.fault != peer_fault::none) co_return out;
    const auto request = sign("GET", target, {});
    const auto found = std::find_if(request.headers.begin(), request.headers.end(),
                                    [](const auto& h) { return h.first == "Kieng-Nonce"; });
    if (found != request.headers.end()) nonce = found->second;
    out = co_await connection_.open_stream(request, by);
    co_return out;
}

}  // namespace kieng::cluster
