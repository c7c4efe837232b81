// What the operator asks for: the command line and the environment as plain values.
//
// Pure: the environment comes in as a function. Thread safe.
#pragma once

#include "cluster/ctl/exit_code.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster::ctl {

using environment = std::function<std::optional<std::string>(const std::string&)>;

enum class command : std::uint8_t {
    status = 1,
    health,
    watch,
    lag,
    handover,
    drain,
    undrain,
    raise_incarnation,
    drill,
};

enum class fault : std::uint8_t { crash = 1, hang, partition };

struct drill_options {
    fault what = fault::crash;
    int repeat = 10;
    bool test_cluster = false;
    std::map<std::string, int> pids = {};
    std::string pid_dir = {};
    std::string start = {};  // shell command; {id} stands for the node
    bool netns = false;
    int writes_per_second = 20;
    int workers = 4;
};

// How to sign in. Never printed.
struct credentials {
    std::string token = {};
    std::string email = {};
    std::string password = {};
};

struct options {
    command what = command::status;
    std::vector<std::string> urls = {};
    std::string ca_file = {};
    bool json = false;
    std::chrono::milliseconds timeout{15'000};  // for what was asked to happen
    credentials who = {};
    std::string node = {};                     // health, drain, undrain
    std::optional<std::string> to = {};        // handover
    bool wait = true;                          // for what was asked to happen
    std::chrono::milliseconds interval{1000};  // watch
    int count = 0;                             // watch: how many looks, 0: until interrupted
    std::int64_t most_lag = 100;               // lag
    bool yes = false;                          // incarnation bump
    drill_options drill = {};
};

// Either options, or what to print and how to end.
struct reading {
    std::optional<options> what = {};
    exit_code code = exit_code::well;
    std::string out = {};
    std::string err = {};
};

[[nodiscard]] reading read_command_line(const std::vector<std::string>& arguments,
                                        const environment& from, const std::string& version);

// --url, else KIENG_URL, else SERVER_A_URL to SERVER_Z_URL, else http://127.0.0.1:4000. A closing slash is dropped.
[[nodiscard]] std::vector<std::string> urls_of(const std::vector<std::string>& given,
                                               const environment& from);

// "server-a=123"; nothing for what is no such pair.
[[nodiscard]] std::optional<std::pair<std::string, int>> pid_pair(const std::string& text);

[[nodiscard]] std::string_view name_of(fault what) noexcept;

}  // namespace kieng::cluster::ctl
