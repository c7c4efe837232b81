// One connection to PostgreSQL with the bounds every session has, opened and given up as a whole.
// Used by one thread at a time, except for the descriptor, which a watchdog may shut down.
#pragma once

#include "node/platform/store/database.hpp"
#include "node/platform/store/tx.hpp"

#include <memory>
#include <string>

namespace kieng::store {

enum class purpose : std::uint8_t { serve = 1, migrate };

// libpq's connection string; the password is in it, so it is never logged.
[[nodiscard]] std::string conninfo(const database_options& how, purpose what);

// Opens a connection that never reconnects by itself. Throws pqxx exceptions.
[[nodiscard]] std::unique_ptr<pqxx::connection> open_connection(const database_options& how,
                                                                purpose what);

// Compares the server's identity (system identifier and timeline) with the stored one. Another identity means that the data
// was restored or failed over and acknowledged history may be lost: the incarnation is raised before anything is written
// there, and `began` is told, if there is one. Returns the incarnation, or 0 while there is no schema.
[[nodiscard]] std::int64_t check_history(pqxx::connection& on,
                                         const std::function<void(std::int64_t)>& began = {});

class session {
public:
    // Connects. Blocks for at most connect_timeout per host. Throws pqxx exceptions.
    explicit session(const database_options& how);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    // Learns the incarnation (check_history), before anything else is done here.
    void greet(const std::function<void(std::int64_t)>& began = {})
    {
        incarnation_ = check_history(*on_, began);
    }

    [[nodiscard]] pqxx::connection& connection() noexcept { return *on_; }
    [[nodiscard]] std::unordered_set<std::string_view>& prepared() noexcept { return prepared_; }
    [[nodiscard]] std::int64_t incarnation() const noexcept { return incarnation_; }
    // Which of the pool's generations it belongs to; a change of history ends a generation.
    std::uint64_t generation = 0;
    // A duplicate of the socket's descriptor: shutting it down ends the conversation, and it stays ours even when libpq
    // closes its own, so that no stranger's descriptor is ever hit.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    // Whether the server has said something while nothing was asked: it ended the session, or is about to.
    [[nodiscard]] bool stale() const noexcept;

private:
    std::unique_ptr<pqxx::connection> on_;
    std::unordered_set<std::string_view> prepared_;
    std::int64_t incarnation_ = 0;
    int descriptor_ = -1;
};

}  // namespace kieng::store
