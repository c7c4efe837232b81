#include "node/platform/store/refusal.hpp"

#include "base/clock.hpp"
#include "node/platform/store/session.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace kieng::store {
namespace {

constexpr std::chrono::seconds kPatience{2};

// Connects with messages that are SQLSTATEs; the message of the failure, empty if there was none.
std::string failed_attempt(const std::string& where)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> on(PQconnectStart(where.c_str()), PQfinish);
    if (!on) return {};
    PQsetErrorVerbosity(on.get(), PQERRORS_SQLSTATE);
    const auto until = system_clock().steady() + kPatience;
    auto next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - system_clock().steady());
        if (left.count() <= 0) return {};
        pollfd look{PQsocket(on.get()),
                    static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
        if (::poll(&look, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return {};
        next = PQconnectPoll(on.get());
    }
    return next == PGRES_POLLING_FAILED ? PQerrorMessage(on.get()) : std::string();
}

// Messages read "FATAL:  28P01", the first word in the language of the server.
bool has_code(const std::string& message, std::string_view prefix)
{
    return message.find(":  " + std::string(prefix)) != std::string::npos;
}

}  // namespace

std::optional<std::string> lasting_refusal(const database_options& how)
{
    const auto message = failed_attempt(conninfo(how, purpose::migrate));
    const std::string server = "PostgreSQL at " + how.host + ":" + how.port;
    if (has_code(message, "28P01"))
        return server + " does not accept the password of user \"" + how.user +
               "\": check DB_USER and DB_PASSWORD.";
    if (has_code(message, "28"))
        return server + " does not let user \"" + how.user + "\" into database \"" + how.name +
               "\" from here: check DB_USER, DB_SSLMODE, and pg_hba.conf of the server.";
    if (has_code(message, "3D000"))
        return server + " has no database \"" + how.name +
               "\": check DB_NAME, or create it (docs/DEPLOYMENT.md).";
    return std::nullopt;
}

}  // namespace kieng::store
