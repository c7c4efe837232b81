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

struct attempt {
    std::string
        message;  // of the failure, its reason as SQLSTATE; empty if it succeeded or took too long
    bool asked_password = false;  // and had none to give
    bool encrypted = false;
};

attempt try_once(const database_options& how)
{
    const auto where = conninfo(how, purpose::migrate);
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
    attempt out;
    if (next == PGRES_POLLING_FAILED) out.message = PQerrorMessage(on.get());
    out.asked_password = PQconnectionNeedsPassword(on.get()) != 0;
    out.encrypted = PQsslInUse(on.get()) != 0;
    return out;
}

// Messages read "FATAL:  28P01", the first word in the language of the server.
bool has_code(const std::string& message, std::string_view prefix)
{
    return message.find(":  " + std::string(prefix)) != std::string::npos;
}

// A stranger without a password, to whom nothing is entrusted: how far he comes tells how the server takes connections.
attempt knock(const database_options& how, const char* sslmode, const std::string& root)
{
    auto stranger = how;
    stranger.user = "kieng_tls_check";
    stranger.password.clear();
    stranger.sslmode = sslmode;
    stranger.sslrootcert = root;
    return try_once(stranger);
}

// libpq has no code for what TLS refuses, and its words are in the operator's language: so it is asked in smaller questions.
std::optional<std::string> refused_encryption(const database_options& how,
                                              const std::string& server)
{
    const bool verifies = how.sslmode.starts_with("verify");
    if (!verifies && how.sslmode != "require") return std::nullopt;
    // Without a readable file of authorities "require" takes every certificate.
    const bool offers = knock(how, "require", "/nonexistent").encrypted;
    if (!offers) {
        const auto plain = knock(how, "disable", {});
        if (!plain.asked_password && !has_code(plain.message, "28")) return std::nullopt;
        return server + " does not offer TLS, and DB_SSLMODE=" + how.sslmode +
               " asks for it: turn on ssl in its postgresql.conf, or choose another DB_SSLMODE.";
    }
    if (!verifies) return std::nullopt;
    if (!knock(how, "verify-ca", how.sslrootcert).encrypted)
        return server + " shows a certificate that none of " + how.sslrootcert +
               " has signed: check DB_SSLROOTCERT.";
    if (how.sslmode == "verify-full" && !knock(how, "verify-full", how.sslrootcert).encrypted)
        return server +
               " shows a certificate for another name: check DB_HOST, or use DB_SSLMODE=verify-ca.";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> lasting_refusal(const database_options& how)
{
    const auto message = try_once(how).message;
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
    if (!message.empty()) return refused_encryption(how, server);
    return std::nullopt;
}

}  // namespace kieng::store
