// Who does something, from where, in which request: what services need to know of a request beyond its body. Plain value.
#pragma once

#include "node/platform/http/request.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <string>

namespace kieng::identity {

struct actor {
    std::string user_id;  // empty: nobody signed in, or the system itself
    std::string session_id;
    std::string request_id;
    std::string trace;
    std::string address;
    std::string user_agent;  // at most 256 characters
};

[[nodiscard]] actor actor_of(const http::request& from);

// The key of a write as its caller sent it. Keys of callers without a token belong to the operation.
[[nodiscard]] store::write_key write_key_of(const http::request& from);
// For operations that take no key.
[[nodiscard]] store::write_key no_key(const actor& who);

}  // namespace kieng::identity
