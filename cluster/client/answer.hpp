// What a caller of the failover client asks for and what comes back. Plain values.
#pragma once

#include "cluster/core/client_call.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::cluster::client {

using header_list = std::vector<std::pair<std::string, std::string>>;

// An HTTP answer as it came.
struct answer {
    int status = 0;
    header_list headers = {};
    std::string body = {};

    // The first header of that name (case does not matter), or empty.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

enum class key_use : std::uint8_t {
    automatic = 1,  // writes get a key made once per call
    none,           // for login, refresh, logout, password: never repeated once bytes may have left
    given,          // call_options::key
};

struct call_options {
    call_options() = default;  // no aggregate: g++ 12 breaks coroutines that are given one unnamed

    key_use use_key = key_use::automatic;
    std::string key = {};
    std::optional<milliseconds> deadline = {};         // instead of settings::deadline
    std::optional<milliseconds> attempt_timeout = {};  // for what is known to take long
    std::optional<std::chrono::seconds> allow_stale =
        {};  // reads: how old an answer may be without the database
    bool hedge = true;
};

struct outcome {
    bool ok = false;                   // 2xx or 304
    answer reply = {};                 // status 0: nobody answered
    std::string server = {};           // who answered, or failed last
    committed effect = committed::no;  // whether a write happened
    call_end end = call_end::refused;
    std::string code =
        {};  // of the error: the problem's, "http_<status>", or unreachable, lost, timeout, broken, foreign
    int attempts = 0;
    std::string key = {};  // the idempotency key, for resolve()
    bool stale = false;
    std::chrono::seconds age{0};  // of a stale answer
    bool replayed = false;
};

// What became of a write whose outcome was unknown.
struct resolution {
    enum class what : std::uint8_t { committed = 1, never, unknown };
    what is = what::unknown;
    outcome asked = {};  // of the question itself
};

}  // namespace kieng::cluster::client
