#include "node/platform/http/head.hpp"

#include <utility>

namespace kieng::http {

known known_of(std::string_view n) noexcept
{
    // By length first: most fields are of no interest and none is compared more than three times.
    switch (n.size()) {
    case 4: return n == "host" ? known::host : known::none;
    case 6:
        if (n == "accept") return known::accept;
        if (n == "expect") return known::expect;
        return n == "origin" ? known::origin : known::none;
    case 10: return n == "connection" ? known::connection : known::none;
    case 11:
        if (n == "traceparent") return known::traceparent;
        return n == "kieng-token" ? known::kieng_token : known::none;
    case 12:
        if (n == "content-type") return known::content_type;
        return n == "x-request-id" ? known::request_id : known::none;
    case 13:
        if (n == "authorization") return known::authorization;
        return n == "if-none-match" ? known::if_none_match : known::none;
    case 14: return n == "content-length" ? known::content_length : known::none;
    case 15:
        if (n == "accept-encoding") return known::accept_encoding;
        if (n == "accept-language") return known::accept_language;
        if (n == "idempotency-key") return known::idempotency_key;
        return n == "x-forwarded-for" ? known::forwarded_for : known::none;
    case 16:
        if (n == "content-encoding") return known::content_encoding;
        return n == "x-correlation-id" ? known::correlation_id : known::none;
    case 17:
        if (n == "transfer-encoding") return known::transfer_encoding;
        if (n == "kieng-allow-stale") return known::allow_stale;
        return n == "x-forwarded-proto" ? known::forwarded_proto : known::none;
    case 29: return n == "access-control-request-method" ? known::cors_method : known::none;
    default: return known::none;
    }
}

std::string_view head::list(known k, std::string& scratch) const
{
    if (times(k) < 2) return value(k);
    scratch.clear();
    for (std::size_t i = 0; i < count; ++i) {
        if (known_of(fields[i].name) != k) continue;
        if (!scratch.empty()) scratch += ", ";
        scratch += fields[i].value;
    }
    return scratch;
}

void head::clear() noexcept
{
    method = target = path = query = {};
    minor = 1;
    count = 0;
    first.fill({});
    seen.fill(0);
}

}  // namespace kieng::http
