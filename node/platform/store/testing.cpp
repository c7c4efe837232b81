#include "node/platform/store/testing.hpp"

#include "base/random.hpp"
#include "node/platform/store/migrator.hpp"
#include "node/platform/store/session.hpp"

#include <cstdlib>
#include <sstream>

namespace kieng::store::testing {
namespace {

// "host=127.0.0.1 port=5432 ..." without quotes, as scripts/with-postgres.sh writes it.
database_options options_of(const std::string& text)
{
    database_options out;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) continue;
        const auto name = word.substr(0, equals);
        const auto value = word.substr(equals + 1);
        if (name == "host") out.host = value;
        if (name == "port") out.port = value;
        if (name == "user") out.user = value;
        if (name == "password") out.password = value;
        if (name == "dbname") out.name = value;
    }
    out.sslmode = "disable";
    out.server_id = "test";
    out.boot_id = "test";
    return out;
}

database_options server_options()
{
    const char* where = std::getenv("KIENG_TEST_DB");
    if (where == nullptr || *where == '\0')
        throw std::runtime_error(
            "KIENG_TEST_DB is not set: run this test through scripts/with-postgres.sh");
    return options_of(where);
}

}  // namespace

test_database::test_database(schema what) : options_(server_options()), admin_(options_.name)
{
    std::string name = "kieng_test_";
    for (int i = 0; i < 16; ++i) name += static_cast<char>('a' + system_random().below(26));
    {
        const auto on = open_connection(options_, purpose::migrate);
        pqxx::nontransaction work(*on);
        work.exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'");
    }
    options_.name = name;
    if (what == schema::migrated) migrate(options_, embedded_migrations(), {});
}

test_database::~test_database()
{
    try {
        auto admin = options_;
        admin.name = admin_;
        const auto on = open_connection(admin, purpose::migrate);
        pqxx::nontransaction work(*on);
        work.exec("DROP DATABASE IF EXISTS " + options_.name + " WITH (FORCE)");
    } catch (const std::exception&) {
        // The server is thrown away as a whole later.
    }
}

std::string test_database::sql(const std::string& text) const
{
    auto how = options_;
    how.role = "sql";
    const auto on = open_connection(how, purpose::migrate);
    pqxx::nontransaction work(*on);
    const auto rows = work.exec(text);
    if (rows.empty() || rows[0][0].is_null()) return {};
    return rows[0][0].as<std::string>();
}

bool eventually(const std::function<bool()>& is_so)
{
    const auto deadline = system_clock().steady() + std::chrono::seconds(10);
    while (!is_so()) {
        if (system_clock().steady() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace kieng::store::testing
