// One row of the route table. No column has a default: whoever adds a route decides who may use it, how repeats are told
// apart and what body it takes.
#pragma once

#include "base/async.hpp"
#include "node/platform/cache/response_cache.hpp"
#include "node/platform/http/permission.hpp"
#include "node/platform/http/request.hpp"
#include "node/platform/http/response.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace kieng::http {

// Whether a route takes an Idempotency-Key: `must` answers 400 without one, `may` honours one, `never` ignores it.
enum class keyed : std::uint8_t { never = 1, may, must };

// What body the route takes.
//   none    a body is refused (400)          json    application/json, at most 1 MiB, else 415/413
//   merge   application/merge-patch+json or application/json
//   stream  text/csv, read by the handler piece by piece, at most 256 MiB
enum class body_kind : std::uint8_t { none = 1, json, merge, stream };

// Answers one request. Runs on an I/O thread and must not block it.
using handler = std::function<task<response>(request&)>;

// Reads what a cached GET shows. Called once per key, by the first who asks; the answer is kept as ready bytes under its
// tags (node/platform/cache). The request is that of the first asker: the answer may depend only on path, query, language
// and the caller's permissions.
using cache_loader = std::function<task<result<cache::loaded>>(const request&)>;

// A GET whose answer comes from the response cache.
struct cached {
    cache_loader load;
};

struct route {
    verb method;
    std::string path;  // "/products/{id}"; literal segments win over parameters
    permission who_may;
    keyed repeats;
    body_kind takes;
    std::variant<handler, cached> answer;
};

}  // namespace kieng::http
