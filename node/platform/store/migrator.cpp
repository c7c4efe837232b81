#include "node/platform/store/migrator.hpp"

#include "base/encoding.hpp"
#include "node/platform/store/error_map.hpp"
#include "node/platform/store/refusal.hpp"
#include "node/platform/store/session.hpp"

#include <algorithm>
#include <map>

namespace kieng::store {
namespace {

// The same number in every release, or two releases would not wait for each other.
constexpr const char* kLock = "SELECT pg_advisory_lock(7166184120240)";
constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())";

struct applied {
    std::string name, checksum;
};

std::string checksum(const migration& of)
{
    return to_hex(as_text(sha256(of.sql)));
}

std::map<int, applied> read_applied(pqxx::nontransaction& work)
{
    std::map<int, applied> out;
    for (const auto& row :
         work.exec("SELECT version, name, checksum FROM schema_migrations ORDER BY version")) {
        out[row[0].as<int>()] = {row[1].as<std::string>(), row[2].as<std::string>()};
    }
    return out;
}

void check(const std::map<int, applied>& done, const std::vector<migration>& files)
{
    const int newest = files.empty() ? 0 : files.back().version;
    if (!done.empty() && done.rbegin()->first > newest) {
        throw std::runtime_error("The database was migrated by a newer release (" +
                                 done.rbegin()->second.name + "); this release knows version " +
                                 std::to_string(newest) + ". Start the newer release instead.");
    }
    for (const auto& file : files) {
        const auto found = done.find(file.version);
        if (found == done.end() || found->second.checksum == checksum(file)) continue;
        throw std::runtime_error(
            "Migration " + std::string(file.name) +
            " is not the one this database was migrated with: an applied migration must never change.");
    }
}

void apply(pqxx::nontransaction& work, const migration& file)
{
    work.exec("BEGIN");
    work.exec(std::string(file.sql));
    work.exec("INSERT INTO schema_migrations (version, name, checksum) VALUES (" +
              std::to_string(file.version) + ", " + work.quote(std::string(file.name)) + ", " +
              work.quote(checksum(file)) + ")");
    work.exec("COMMIT");
}

[[noreturn]] void explain(const migration& file, const pqxx::sql_error& error)
{
    const std::string name(file.name);
    if (fault_of(error.sqlstate()) == db_fault::lost)
        throw database_unreachable("The connection to PostgreSQL was lost during migration " +
                                   name + ".");
    if (error.sqlstate() == "42501")
        throw std::runtime_error(
            "Migration " + name +
            " needs rights the database user lacks: make it the owner of the database, or let a "
            "superuser run CREATE EXTENSION unaccent and CREATE EXTENSION pg_trgm there once.");
    if (error.sqlstate() == "0A000" || error.sqlstate() == "58P01")
        throw std::runtime_error(
            "Migration " + name +
            " needs the extensions unaccent and pg_trgm: install PostgreSQL's contrib package.");
    throw std::runtime_error("Migration " + name + " failed: " + error.what());
}

}  // namespace

int migrate(const database_options& how, const std::vector<migration>& files,
            const std::function<void(std::string_view name)>& on_applied)
{
    database_options own = how;
    own.role = "migrate";
    int count = 0;
    try {
        const auto on = open_connection(own, purpose::migrate);
        pqxx::nontransaction work(*on);
        work.exec("SET client_min_messages = warning");
        work.exec(kLock);  // let go when the connection closes
        work.exec(kTable);
        const auto done = read_applied(work);
        check(done, files);
        for (const auto& file : files) {
            if (done.contains(file.version)) continue;
            try {
                apply(work, file);
            } catch (const pqxx::sql_error& error) {
                explain(file, error);
            }
            ++count;
            if (on_applied) on_applied(file.name);
        }
    } catch (const pqxx::broken_connection& error) {
        if (const auto why = lasting_refusal(own)) throw std::runtime_error(*why);
        throw database_unreachable("PostgreSQL at " + how.host + ":" + how.port +
                                   " cannot be used: " + error.what());
    } catch (const pqxx::failure& error) {
        throw std::runtime_error(std::string("PostgreSQL refused to be prepared for migrations: ") +
                                 error.what());
    }
    return count;
}

pool_share share_connections(const database_options& how, std::size_t nodes)
{
    constexpr std::int64_t kEnough = 8;
    constexpr std::int64_t kMost = 50;
    constexpr std::int64_t kLeast = 2;
    constexpr std::int64_t kSpare = 10;  // for operators and migrations
    constexpr std::int64_t kUsual = 3;   // nodes, where fewer are named
    constexpr std::int64_t kGuests = 2;  // nodes that join before the others are told of them
    constexpr std::int64_t kOwn = 2;     // of each node beside its pool: event feed, cluster
    database_options own = how;
    own.role = "migrate";
    try {
        const auto on = open_connection(own, purpose::migrate);
        pqxx::nontransaction work(*on);
        const auto allowed = work.exec("SELECT current_setting('max_connections')::bigint")
                                 .at(0)
                                 .at(0)
                                 .as<std::int64_t>();
        const auto known = std::max(static_cast<std::int64_t>(nodes), kUsual);
        const auto share = (allowed - kSpare) / (known + kGuests) - kOwn;
        return {static_cast<std::size_t>(std::clamp(share, kLeast, kEnough)),
                static_cast<std::size_t>(std::clamp((allowed - kSpare) / known, kLeast, kMost))};
    } catch (const pqxx::failure& error) {
        throw database_unreachable("PostgreSQL at " + how.host + ":" + how.port +
                                   " cannot be used: " + error.what());
    }
}

}  // namespace kieng::store
