#include "node/platform/store/session.hpp"

#include "base/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
// libpqxx 6.4 loses the one result in its hands when it finds its connection broken: about 2 KiB per lost connection.
extern "C" __attribute__((weak)) const char* __lsan_default_suppressions()
{
    return "leak:PQmakeEmptyPGresult\n";
}
#endif

namespace kieng::store {
namespace {

constexpr const char* kServeSettings =
    "-c idle_in_transaction_session_timeout=500 -c lock_timeout=500 -c statement_timeout=2000 "
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 "
    "-c client_connection_check_interval=500 "
    // Starting a compiler or workers costs more than any statement of ours may take.
    "-c jit=off -c max_parallel_workers_per_gather=0";
constexpr const char* kMigrateSettings =
    "-c idle_in_transaction_session_timeout=0 -c lock_timeout=0 -c statement_timeout=0 "
    "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2";

constexpr const char* kHasSchema = "SELECT to_regclass('public.cluster_head') IS NOT NULL";

constexpr const char* kIdentity = R"sql(
    SELECT incarnation,
           system_identifier IS NOT DISTINCT FROM (SELECT system_identifier::text FROM pg_control_system())
           AND timeline IS NOT DISTINCT FROM substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS same
      FROM cluster_head)sql";

// Checked again under the row's lock: of several nodes that notice, one raises it.
constexpr const char* kRaiseIncarnation = R"sql(
    WITH here AS MATERIALIZED (
        SELECT (SELECT system_identifier::text FROM pg_control_system()) AS id,
               substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS line)
    UPDATE cluster_head
       SET incarnation = greatest(incarnation + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint),
           system_identifier = here.id, timeline = here.line
      FROM here
     WHERE system_identifier IS DISTINCT FROM here.id OR timeline IS DISTINCT FROM here.line)sql";

void add(std::string& out, const char* name, const std::string& value)
{
    if (value.empty()) return;
    out += name;
    out += "='";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    out += "' ";
}

}  // namespace

std::string conninfo(const database_options& how, purpose what)
{
    std::string out;
    add(out, "host", how.host);
    add(out, "port", how.port);
    add(out, "user", how.user);
    add(out, "password", how.password);
    add(out, "dbname", how.name);
    add(out, "sslmode", how.sslmode);
    add(out, "sslrootcert", how.sslrootcert);
    add(out, "application_name", "kieng/" + how.server_id + "/" + how.boot_id + "/" + how.role);
    add(out, "options", what == purpose::serve ? kServeSettings : kMigrateSettings);
    out +=
        "connect_timeout=2 tcp_user_timeout=2000 keepalives_idle=2 keepalives_interval=1 keepalives_count=2 "
        "target_session_attrs=read-write client_encoding=UTF8";
    return out;
}

std::unique_ptr<pqxx::connection> open_connection(const database_options& how, purpose what)
{
    auto on = std::make_unique<pqxx::connection>(conninfo(how, what));
    // A connection that quietly came back would have lost its transaction. libpqxx marks the switch as deprecated because
    // its successor never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    on->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    on->set_verbosity(pqxx::connection::terse);
    return on;
}

session::session(const database_options& how) : on_(open_connection(how, purpose::serve))
{
    descriptor_ = ::fcntl(on_->sock(), F_DUPFD_CLOEXEC, 0);
    if (descriptor_ < 0) throw pqxx::broken_connection("no file descriptor left");
}

session::~session()
{
    on_.reset();
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool session::stale() const noexcept
{
    pollfd look{descriptor_, POLLIN | POLLRDHUP, 0};
    return ::poll(&look, 1, 0) != 0;
}

std::int64_t check_history(pqxx::connection& on, const std::function<void(std::int64_t)>& began)
{
    pqxx::nontransaction work(on);
    if (!work.exec1(kHasSchema)[0].as<bool>()) return 0;
    auto head = work.exec1(kIdentity);
    if (!head[1].as<bool>()) {
        const auto raised = work.exec(kRaiseIncarnation);
        head = work.exec1(kIdentity);
        if (raised.affected_rows() > 0) {
            log::warning("database_history_changed", {{"incarnation", head[0].as<std::int64_t>()}});
            if (began) began(head[0].as<std::int64_t>());
        }
    }
    return head[0].as<std::int64_t>();
}

}  // namespace kieng::store
