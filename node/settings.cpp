#include "node/settings.hpp"

#include "base/encoding.hpp"
#include "base/money.hpp"
#include "cluster/runtime/peer_connection.hpp"
#include "node/identity/password.hpp"
#include "node/settings_payments.hpp"
#include "node/settings_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace kieng::node {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr const char* kPasswordExample = "openssl rand -base64 18";

void read_node(settings_reader& in, settings& out)
{
    out.server_id = in.required("SERVER_ID", "server-a");
    const bool plain =
        out.server_id.size() <= 32 &&
        out.server_id.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == std::string::npos;
    if (!plain)
        in.fault("SERVER_ID",
                 "is '" + out.server_id + "'; up to 32 letters, digits and dashes are allowed",
                 "server-a");
    out.bind_address = in.address("BIND_ADDRESS", "::");
    out.port = static_cast<std::uint16_t>(in.number("PORT", 4000, 1, 65535));
    for (const char letter : {'a', 'b', 'c'}) {
        const std::string name =
            std::string("SERVER_") + static_cast<char>(letter - 'a' + 'A') + "_URL";
        const std::string url = in.url(name);
        if (!url.empty()) out.peers.push_back({std::string("server-") + letter, url});
    }
    out.self_url = in.url("SELF_URL");
    for (const auto& peer : out.peers) {
        if (out.self_url.empty() && peer.server_id == out.server_id) out.self_url = peer.url;
    }
    if (out.self_url.empty()) out.self_url = "http://127.0.0.1:" + std::to_string(out.port);
    if (!in.text("PRIORITY").empty())
        out.priority = static_cast<int>(in.number("PRIORITY", 1, 1, 1000));
    out.heartbeat = in.duration("HEARTBEAT_INTERVAL", std::chrono::seconds(30),
                                std::chrono::seconds(1), std::chrono::minutes(10));
    out.cluster_secret = in.secret("CLUSTER_SECRET", kSecretBytes);
    if (!in.text("CLUSTER_SECRET_PREVIOUS").empty())
        out.cluster_secret_previous = in.secret("CLUSTER_SECRET_PREVIOUS", kSecretBytes);
    out.peer_ca = in.readable_file("PEER_CA", "/etc/kieng/peers-ca.pem");
    out.insecure_peers = in.choice("ALLOW_INSECURE_PEERS", "false", {"true", "false"}) == "true";
    out.failback_after = in.duration("FAILBACK_AFTER", std::chrono::seconds(30),
                                     std::chrono::seconds(1), std::chrono::minutes(60));
    for (const auto& peer : out.peers) {
        const auto to = cluster::peer_address::parse(peer.url);
        const bool far = to && !to->tls && !to->loopback() && peer.server_id != out.server_id;
        if (far && !out.insecure_peers)
            in.fault("ALLOW_INSECURE_PEERS",
                     "is not true, and " + peer.url + " would be reached without TLS",
                     "https://... or ALLOW_INSECURE_PEERS=true");
    }
}

void read_database(settings_reader& in, settings& out)
{
    auto& db = out.database;
    db.host = in.required("DB_HOST", "127.0.0.1");
    db.port = in.ports("DB_PORT", "5432", db.host);
    db.user = in.required("DB_USER", "kieng");
    db.password = in.text("DB_PASSWORD");
    db.name = in.required("DB_NAME", "kieng");
    db.sslmode = in.choice("DB_SSLMODE", "prefer",
                           {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"});
    db.sslrootcert = in.readable_file("DB_SSLROOTCERT", "/etc/ssl/certs/ca.pem");
    if (db.sslmode.starts_with("verify") && db.sslrootcert.empty())
        in.fault("DB_SSLROOTCERT", "is missing; DB_SSLMODE=" + db.sslmode + " needs it",
                 "/etc/ssl/certs/ca.pem");
    db.connections = static_cast<std::size_t>(in.number("DB_POOL_MAX", 0, 1, 500));
    db.server_id = out.server_id;
}

void read_identity(settings_reader& in, settings& out)
{
    out.jwt_secret = in.secret("JWT_SECRET", kSecretBytes);
    out.owner_email = in.text("OWNER_EMAIL");
    out.owner_password = in.text("OWNER_PASSWORD");
    if (out.owner_email.empty() != out.owner_password.empty())
        in.fault(out.owner_email.empty() ? "OWNER_EMAIL" : "OWNER_PASSWORD",
                 "is missing; OWNER_EMAIL and OWNER_PASSWORD go together",
                 out.owner_email.empty() ? "owner@example.com" : kPasswordExample);
    if (!out.owner_password.empty() &&
        (out.owner_password.size() < 10 || out.owner_password.size() > 72)) {
        in.fault("OWNER_PASSWORD",
                 "is " + std::to_string(out.owner_password.size()) +
                     " bytes long; 10 to 72 are allowed",
                 kPasswordExample);
    } else if (!out.owner_password.empty()) {
        const auto good = identity::check_new_password(out.owner_password, out.owner_email);
        if (!good)
            in.fault("OWNER_PASSWORD", "cannot be used: " + good.error().detail.en,
                     kPasswordExample);
    }
    if (!out.owner_email.empty() && out.owner_email.find('@') == std::string::npos)
        in.fault("OWNER_EMAIL", "is no email address", "owner@example.com");
    const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    out.bcrypt_cost = static_cast<int>(in.number("BCRYPT_COST", 12, 10, 16));
    out.hash_threads = static_cast<std::size_t>(
        in.number("HASH_THREADS", std::max<std::int64_t>(1, cores / 2), 1, 64));
    out.hash_queue = static_cast<std::size_t>(in.number("HASH_QUEUE", 8, 1, 10'000));
    const std::string limits = in.text("LOGIN_LIMIT", "5/20");
    if (const auto parsed = identity::parse_login_limits(limits))
        out.login_limits = *parsed;
    else
        in.fault("LOGIN_LIMIT",
                 "is '" + limits + "'; attempts per account and per address, or off, are allowed",
                 "5/20");
}

void read_http(settings_reader& in, settings& out)
{
    out.io_threads = static_cast<std::size_t>(in.number("IO_THREADS", 0, 0, 256));
    out.tls_cert = in.readable_file("TLS_CERT", "/etc/kieng/tls.crt");
    out.tls_key = in.readable_file("TLS_KEY", "/etc/kieng/tls.key");
    if (out.tls_cert.empty() != out.tls_key.empty())
        in.fault(out.tls_cert.empty() ? "TLS_CERT" : "TLS_KEY",
                 "is missing; TLS_CERT and TLS_KEY go together",
                 out.tls_cert.empty() ? "/etc/kieng/tls.crt" : "/etc/kieng/tls.key");
    out.cors_origins = in.origins("CORS_ORIGINS");
    out.trusted_proxies = in.networks("TRUSTED_PROXIES");
    out.rate_limit_address = static_cast<int>(in.number("RATE_LIMIT_ADDRESS", 200, 0, 10'000'000));
    out.rate_limit_user = static_cast<int>(in.number("RATE_LIMIT_USER", 100, 0, 10'000'000));
    out.max_connections =
        static_cast<std::size_t>(in.number("MAX_CONNECTIONS", 10'000, 1, 1'000'000));
    out.max_connections_per_address =
        static_cast<std::size_t>(in.number("MAX_CONNECTIONS_PER_ADDRESS", 1'000, 1, 1'000'000));
    out.max_event_streams =
        static_cast<std::size_t>(in.number("MAX_EVENT_STREAMS", 10'000, 0, 1'000'000));
    out.max_event_streams_per_address =
        static_cast<std::size_t>(in.number("MAX_EVENT_STREAMS_PER_ADDRESS", 500, 0, 1'000'000));
    out.web_root = in.readable_file("WEB_ROOT", "/usr/share/kieng/web");
    out.cache_bytes = in.bytes("CACHE_BYTES", 64U << 20);
    if (out.cache_bytes != 0 && out.cache_bytes < (1U << 20))
        in.fault("CACHE_BYTES",
                 "is " + std::to_string(out.cache_bytes) +
                     " bytes; 0 (no cache) or at least 1MiB is allowed",
                 "64MiB");
    out.default_language = in.choice("DEFAULT_LANGUAGE", "vi", {"vi", "en"});
}

void read_operation(settings_reader& in, settings& out)
{
    const std::string name = in.choice("LOG_LEVEL", "info", {"debug", "info", "warning", "error"});
    if (!log::parse(name, out.log_level)) out.log_level = log::level::info;
    out.log_file = in.writable_file("LOG_FILE", "/var/log/kieng/node.log");
    out.access_log = in.on_off("ACCESS_LOG", true);
    out.default_currency = in.text("DEFAULT_CURRENCY", "VND");
    if (!currency_exponent(out.default_currency))
        in.fault("DEFAULT_CURRENCY",
                 "is '" + out.default_currency + "', which is no currency we know", "VND");
}

}  // namespace

loaded_settings load_settings(const environment& from, settings_use use)
{
    loaded_settings out;
    settings_reader in(from, out.faults);
    if (use == settings_use::serve) {
        read_node(in, out.value);
        read_identity(in, out.value);
        read_http(in, out.value);
        out.value.payments = read_payments(in);
    }
    read_database(in, out.value);
    read_operation(in, out.value);
    return out;
}

std::map<std::string, std::string> parse_env_file(std::string_view text,
                                                  std::vector<setting_fault>& faults)
{
    std::map<std::string, std::string> out;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        std::string_view rest(line);
        while (!rest.empty() && (rest.back() == '\r' || rest.back() == ' ')) rest.remove_suffix(1);
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        if (rest.empty() || rest.front() == '#') continue;
        if (rest.starts_with("export ")) rest.remove_prefix(7);
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            faults.push_back(
                {".env line " + std::to_string(number), "is not NAME=value", "PORT=4000"});
            continue;
        }
        std::string_view value = rest.substr(equals + 1);
        const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                            value.back() == value.front();
        if (quoted) value = value.substr(1, value.size() - 2);
        out[std::string(rest.substr(0, equals))] = std::string(value);
    }
    return out;
}

environment process_environment(std::vector<setting_fault>& faults)
{
    const char* const named = std::getenv("KIENG_ENV_FILE");
    const std::string path = named ? named : ".env";
    std::map<std::string, std::string> from_file;
    std::ifstream file(path);
    if (file) {
        std::ostringstream text;
        text << file.rdbuf();
        from_file = parse_env_file(text.str(), faults);
    } else if (named) {
        faults.push_back({"KIENG_ENV_FILE", "names '" + path + "', which cannot be read", ""});
    }
    return [from_file = std::move(from_file)](std::string_view name) -> std::optional<std::string> {
        const std::string key(name);
        if (const char* value = std::getenv(key.c_str())) return value;
        const auto found = from_file.find(key);
        if (found == from_file.end()) return std::nullopt;
        return found->second;
    };
}

std::string shared_settings_hash(const settings& how)
{
    std::string all;
    const auto& pays = how.payments;
    for (const auto& one :
         {how.jwt_secret, how.database.name, how.default_currency, how.default_language,
          std::to_string(how.bcrypt_cost), std::to_string(how.heartbeat.count()),
          std::to_string(how.failback_after.count()), pays.vnpay.terminal, pays.vnpay.secret,
          pays.vnpay.pay_url, pays.bank.bin, pays.bank.number, pays.bank_secret, pays.mock_url,
          pays.mock_secret, std::to_string(pays.cash_difference)}) {
        all += std::to_string(one.size()) + ":" + one;
    }
    constexpr std::size_t kEnough = 8;
    return to_hex(as_text(sha256(all)).substr(0, kEnough));
}

}  // namespace kieng::node
