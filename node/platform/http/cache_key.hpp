// The name an answer has in the response cache. Pure.
#pragma once

#include "node/platform/http/exchange.hpp"

#include <string>

namespace kieng::http {

// Method, path, sorted query, language and the caller's permissions: all that an answer may depend on.
void append_cache_key(const exchange& x, std::string& key);

}  // namespace kieng::http
