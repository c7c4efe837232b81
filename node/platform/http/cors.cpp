#include "node/platform/http/cors.hpp"

#include "node/platform/http/characters.hpp"

namespace kieng::http {

cors::cors(std::vector<std::string> origins) : origins_(std::move(origins))
{
    for (auto& origin : origins_)
        while (origin.size() > 1 && origin.back() == '/') origin.pop_back();
}

std::string_view cors::allowed(std::string_view origin) const noexcept
{
    if (origin.empty()) return {};
    for (const auto& known_origin : origins_) {
        if (known_origin == "*") return known_origin;
        if (equal_ignoring_case(known_origin, origin)) return origin;
    }
    return {};
}

void cors::append_answer_headers(std::string& out, std::string_view allow_origin)
{
    out += "Access-Control-Allow-Origin: ";
    out += allow_origin;
    out +=
        "\r\nAccess-Control-Expose-Headers: Kieng-Token, Kieng-Cluster, Retry-After, X-Request-Id, ETag, Location, Idempotency-Replayed, "
        "RateLimit, RateLimit-Policy, Content-Disposition\r\n";
}

void cors::append_preflight_headers(std::string& out, std::string_view allow_origin,
                                    std::string_view methods)
{
    out += "Access-Control-Allow-Origin: ";
    out += allow_origin;
    out += "\r\nAccess-Control-Allow-Methods: ";
    out += methods;
    out +=
        "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Kieng-Token, "
        "Kieng-Allow-Stale, Kieng-Guest, Last-Event-ID, traceparent, X-Request-Id\r\nAccess-Control-Max-Age: 7200\r\n";
}

}  // namespace kieng::http
