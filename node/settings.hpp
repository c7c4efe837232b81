// What an operator can set: environment first, then a .env file, then the defaults. All faults are found before anything
// starts and reported together. Constant after load().
#pragma once

#include "base/log.hpp"
#include "node/identity/throttle.hpp"
#include "node/payments/options.hpp"
#include "node/platform/store/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::node {

struct peer_url {
    std::string server_id;
    std::string url;
};

struct settings {
    // Who this node is
    std::string server_id;
    std::string bind_address;
    std::uint16_t port = 4000;
    std::string self_url;
    std::optional<int> priority;
    std::vector<peer_url> peers;  // SERVER_A_URL, SERVER_B_URL, SERVER_C_URL
    std::chrono::milliseconds heartbeat{30'000};
    std::string cluster_secret, cluster_secret_previous;
    std::string peer_ca;          // PEM file; empty: the system's
    bool insecure_peers = false;  // plain HTTP to peers beyond loopback
    std::chrono::milliseconds failback_after{30'000};

    // PostgreSQL; connections 0: chosen at start from max_connections
    store::database_options database;

    // Identity
    std::string jwt_secret;
    std::string owner_email, owner_password;
    int bcrypt_cost = 12;
    std::size_t hash_threads = 1, hash_queue = 8;
    identity::login_limits login_limits;

    // HTTP
    std::size_t io_threads = 0;  // 0: one per core
    std::string tls_cert, tls_key;
    std::vector<std::string> cors_origins, trusted_proxies;
    int rate_limit_address = 200, rate_limit_user = 100;  // requests per second, 0: off
    std::size_t max_connections = 10'000, max_connections_per_address = 1'000;
    std::size_t max_event_streams = 10'000, max_event_streams_per_address = 500;
    std::string web_root;
    std::string default_currency, default_language;
    std::size_t cache_bytes = 64U << 20;

    payments::payment_options payments;

    // Operation
    log::level log_level = log::level::info;
    std::string log_file;
    bool access_log = true;
};

// One fault: the setting's name, what is wrong and what would be right.
struct setting_fault {
    std::string name;
    std::string problem;
    std::string example;
};

struct loaded_settings {
    settings value;
    std::vector<setting_fault> faults;  // empty: value is good
};

using environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process's environment over the .env file (KIENG_ENV_FILE, or .env in the working directory if it is there).
// Faults of the file itself come out as faults named after it.
[[nodiscard]] environment process_environment(std::vector<setting_fault>& faults);

// Reads KEY=value lines: comments, blank lines, "export ", single and double quotes. A line that is none of it is a fault.
[[nodiscard]] std::map<std::string, std::string> parse_env_file(std::string_view text,
                                                                std::vector<setting_fault>& faults);

// What the settings are for: serving needs all of them, the commands that work on the database only those of the database.
enum class settings_use : std::uint8_t { serve = 1, database };
[[nodiscard]] loaded_settings load_settings(const environment& from,
                                            settings_use use = settings_use::serve);

// "SETTING  default  what it does" lines for --help; the same table as .env.example and docs/DEPLOYMENT.md.
[[nodiscard]] std::string settings_help();

// A hash over the settings that all nodes of a cluster should share, secrets among them; nodes compare it.
[[nodiscard]] std::string shared_settings_hash(const settings& how);

}  // namespace kieng::node
