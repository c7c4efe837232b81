// What the cluster says of itself (GET /api/cluster/healthy-servers), as the client keeps it. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::client {

struct view_server {
    std::string id = {};
    std::string url = {};
    int priority = 0;
    std::string state = {};  // "alive" and "late" are well; "suspect", "down", "draining" are not
};

struct view {
    std::string cluster = {};
    std::int64_t incarnation = -1;
    std::int64_t epoch = -1;
    std::int64_t number = -1;
    std::string active = {};  // id; empty if nobody is
    bool panic = false;       // nobody looks well: the states say nothing
    std::vector<view_server> servers = {};
};

enum class view_news : std::uint8_t {
    taken = 1,
    old,      // not newer than the one kept
    foreign,  // of another cluster
};

// Scheme and host in lower case, the scheme's own port and a closing slash left out: so urls are compared.
[[nodiscard]] std::string same_url_form(std::string_view url);

}  // namespace kieng::cluster::client
