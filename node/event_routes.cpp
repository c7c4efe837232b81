#include "node/event_routes.hpp"

#include "node/event_stream.hpp"
#include "node/identity/permissions.hpp"
#include "node/platform/http/networks.hpp"

namespace kieng::node {
namespace {

using http::request;
using http::response;

// The token that the client saw last: of the header, which a browser sends by itself, else of the query.
result<std::string> last_id(const request& from)
{
    std::vector<field_fault> faults;
    http::query_reader in(from, faults);
    auto asked = in.text("lastEventId");
    in.finish();
    if (!faults.empty()) return failure(errc::invalid_parameter, std::move(faults));
    if (const auto header = from.header("last-event-id"); header && !header->empty())
        return std::string(*header);
    return asked.value_or(std::string());
}

event_start start_of(event_hub& hub, const std::string& last)
{
    event_start out;
    out.at = hub.ring.head();
    out.pos = out.at.applied;
    if (last.empty()) return out;
    const auto seen = hub.from.read_token(last);
    out.forgotten = !seen || seen->incarnation != out.at.incarnation;
    if (!out.forgotten) out.pos = seen->pos;
    return out;
}

// Who may have a stream is known before the request gets here. What ended a session since then must not be missed, so the token
// is looked at once more after the stream's beginning is fixed.
result<http::caller> caller_of(const request& from, const http::authenticator& who)
{
    constexpr std::size_t kScheme = 7;  // "Bearer "
    const auto header = from.header("authorization");
    if (!header || header->size() <= kScheme) return from.who;
    return who.authenticate(header->substr(header->find_first_not_of(' ', kScheme)));
}

std::string address_of(const request& from)
{
    boost::system::error_code no_address;
    const auto address = asio::ip::make_address(from.address, no_address);
    return no_address ? from.address : http::client_key(address);
}

failure refusal(errc code)
{
    failure out(code);
    out.retry_after = std::chrono::seconds(1);
    return out;
}

task<response> open(event_hub& hub, const http::authenticator& who, request& from)
{
    const executor where = co_await asio::this_coro::executor;
    if (hub.from.draining()) co_return http::problem(refusal(errc::draining), from);
    const auto last = last_id(from);
    if (!last) co_return http::problem(last.error(), from);
    const auto start = start_of(hub, *last);
    if (start.at.incarnation == 0) co_return http::problem(refusal(errc::starting), from);
    auto caller = caller_of(from, who);
    if (!caller) co_return http::problem(caller.error(), from);
    auto place = std::make_unique<event_hub::place>(hub, address_of(from));
    if (!place->taken()) co_return http::problem(refusal(errc::overloaded), from);

    response out;
    out.content_type = "text/event-stream";
    out.headers.emplace_back("X-Accel-Buffering", "no");
    out.pos = start.at.applied;
    out.lasts = true;
    out.stream = [stream = std::make_shared<event_stream>(hub, hub.desk_of(where), std::move(place),
                                                          *std::move(caller), start)](
                     http::body_sink& to) { return event_stream::run(stream, to); };
    co_return out;
}

}  // namespace

std::vector<http::route> event_routes(event_hub& hub, const http::authenticator& who)
{
    return {{http::verb::get, "/api/events", identity::events_read, http::keyed::never,
             http::body_kind::none,
             http::handler([&hub, &who](request& from) { return open(hub, who, from); })}};
}

}  // namespace kieng::node
