// What --help says of each setting. docs/DEPLOYMENT.md and .env.example say the same; scripts/check_settings.py compares them.
#include "node/settings.hpp"

#include <algorithm>
#include <array>

namespace kieng::node {
namespace {

struct help_row {
    std::string_view name, fallback, what;
};

constexpr std::array kHelp{
    help_row{"SERVER_ID", "(required)",
             "this node's name: letters, digits and dashes, for example server-a"},
    help_row{"PORT", "4000", "port to listen on"},
    help_row{"BIND_ADDRESS", "::", "address to listen on; :: takes IPv4 too"},
    help_row{"SELF_URL", "SERVER_X_URL", "how the other nodes reach this one"},
    help_row{"SERVER_A_URL", "", "how the others reach server-a: scheme, host and port"},
    help_row{"SERVER_B_URL", "", "the same for server-b"},
    help_row{"SERVER_C_URL", "", "the same for server-c"},
    help_row{"PRIORITY", "order of the urls", "1 is preferred as the active node"},
    help_row{"HEARTBEAT_INTERVAL", "30s", "how often nodes exchange their full state"},
    help_row{"FAILBACK_AFTER", "30s",
             "how long a preferred node must be well before it is active again"},
    help_row{"CLUSTER_SECRET_PREVIOUS", "", "the former secret, while it is being replaced"},
    help_row{"PEER_CA", "", "PEM file of the authority that signed the peers' certificates"},
    help_row{"ALLOW_INSECURE_PEERS", "false",
             "whether peers beyond loopback may be reached without TLS"},
    help_row{"CLUSTER_SECRET", "(required)",
             "shared by all nodes, at least 32 bytes; signs tokens and peer requests"},
    help_row{"DB_HOST", "(required)", "PostgreSQL host, or several separated by commas"},
    help_row{"DB_PORT", "5432", "PostgreSQL port"},
    help_row{"DB_USER", "(required)", "PostgreSQL role"},
    help_row{"DB_PASSWORD", "", "its password"},
    help_row{"DB_NAME", "(required)", "database"},
    help_row{"DB_SSLMODE", "prefer", "disable, allow, prefer, require, verify-ca, verify-full"},
    help_row{"DB_SSLROOTCERT", "", "CA file for verify-ca and verify-full"},
    help_row{"DB_POOL_MAX", "from the server",
             "connections; default 8, fewer if max_connections is small"},
    help_row{"JWT_SECRET", "(required)",
             "the same on all nodes, at least 32 bytes; signs access tokens"},
    help_row{"OWNER_EMAIL", "", "first owner, made at the first start only"},
    help_row{"OWNER_PASSWORD", "", "its password"},
    help_row{"BCRYPT_COST", "12", "10 to 16"},
    help_row{"HASH_THREADS", "half the cores", "threads that hash passwords"},
    help_row{"HASH_QUEUE", "8", "logins that may wait for them; one more is answered 429"},
    help_row{"LOGIN_LIMIT", "5/20",
             "failed logins: of an account in 15 min / of an address in 1 min; or off"},
    help_row{"CORS_ORIGINS", "", "origins that may call from a browser, separated by commas"},
    help_row{"TRUSTED_PROXIES", "",
             "networks whose X-Forwarded-For is believed, for example 10.0.0.0/8"},
    help_row{"TLS_CERT", "", "certificate chain (PEM); with TLS_KEY the node speaks HTTPS"},
    help_row{"TLS_KEY", "", "its private key (PEM); SIGHUP reads both anew"},
    help_row{"IO_THREADS", "one per core", "threads that serve connections"},
    help_row{"MAX_CONNECTIONS", "10000", "open connections in all"},
    help_row{"MAX_CONNECTIONS_PER_ADDRESS", "1000", "open connections of one address"},
    help_row{"MAX_EVENT_STREAMS", "10000", "open event streams in all; each is a connection, too"},
    help_row{"MAX_EVENT_STREAMS_PER_ADDRESS", "500", "open event streams of one address"},
    help_row{"RATE_LIMIT_ADDRESS", "200",
             "requests per second of one address, burst twice that; 0 turns it off"},
    help_row{"RATE_LIMIT_USER", "100",
             "requests per second of one user, burst twice that; 0 turns it off"},
    help_row{"CACHE_BYTES", "64MiB", "memory for ready answers"},
    help_row{"WEB_ROOT", "", "folder of the web app, served under /app/"},
    help_row{"DEFAULT_CURRENCY", "VND", "currency of new products"},
    help_row{"DEFAULT_LANGUAGE", "vi", "vi or en, where a client states no preference"},
    help_row{"BANK_ACCOUNT", "", "account that transfers go to; shown to buyers as a VietQR code"},
    help_row{"BANK_BIN", "", "its bank: the six digits of NAPAS"},
    help_row{"BANK_ACCOUNT_NAME", "", "its holder, as the bank writes it"},
    help_row{"BANK_WEBHOOK_SECRET", "",
             "what the bank signs with when it tells of transfers; without it staff settle them"},
    help_row{"VNPAY_TMN_CODE", "", "the shop's terminal at VNPay; without it VNPay is not offered"},
    help_row{"VNPAY_HASH_SECRET", "", "its secret"},
    help_row{"VNPAY_URL", "", "page that payers are sent to"},
    help_row{"VNPAY_RETURN_URL", "", "page of the shop that they come back to"},
    help_row{"VNPAY_API_URL", "",
             "address for questions and refunds; without it staff do both at VNPay's desk"},
    help_row{"MOCK_GATEWAY_URL", "", "a payment gateway for tests; never in a shop"},
    help_row{"MOCK_GATEWAY_SECRET", "", "its secret, at least 32 bytes"},
    help_row{"PAYMENT_QUERY_AFTER", "2m",
             "how long a payment may be silent before its provider is asked"},
    help_row{"PAYMENT_GATEWAY_TIMEOUT", "10s", "longest time of a call to a gateway"},
    help_row{"CASH_DIFFERENCE_LIMIT", "50000",
             "difference up to which a cashier may close a drawer, in the smallest unit"},
    help_row{"LOG_LEVEL", "info", "debug, info, warning, error"},
    help_row{"LOG_FILE", "standard error", "file the log is appended to"},
    help_row{"ACCESS_LOG", "on", "one line per request: on or off"},
};

}  // namespace

std::string settings_help()
{
    std::string out;
    for (const auto& row : kHelp) {
        std::string line = "  " + std::string(row.name);
        line.resize(std::max<std::size_t>(line.size() + 1, 32), ' ');
        line += std::string(row.what);
        if (!row.fallback.empty()) line += " [" + std::string(row.fallback) + "]";
        out += line + "\n";
    }
    return out;
}

}  // namespace kieng::node
