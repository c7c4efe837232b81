// A conversation with PostgreSQL on one connection. Included by *_store.cpp files only: this is where pqxx is.
//
// Used on one pool thread, inside the function it was handed to; never kept.
// exec() prepares a named statement on first use on its connection. Database errors throw and are mapped in one place
// (error_map.hpp); expected conflicts are told by ON CONFLICT ... RETURNING and row counts, never by catching.
#pragma once

#include "node/platform/store/event.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace kieng::store {

// A statement with a name: the name shows up in logs and metrics and prepares it once per connection.
// Both must be string literals.
struct statement {
    const char* name;
    const char* sql;
};

class tx {
public:
    // `prepared` lives as long as the connection.
    tx(pqxx::connection& on, pqxx::nontransaction& work,
       std::unordered_set<std::string_view>& prepared, std::int64_t incarnation = 0);

    template <class... Args>
    pqxx::result exec(const statement& what, Args&&... args)
    {
        prepare(what);
        return work_.exec_prepared(what.name, std::forward<Args>(args)...);
    }
    // The same, but sent in one message with COMMIT, in the order of the calls: for statements that need no answer and whose effect
    // nothing in the same unit reads. Only inside a unit of work; numbers, texts, and null pointers for NULL.
    template <class... Args>
    void defer(const statement& what, const Args&... args)
    {
        prepare(what);
        on_.prepare_now(what.name);  // EXECUTE is plain SQL: libpqxx does not see that it needs it
        deferred_ += "EXECUTE ";
        deferred_ += what.name;
        const char* separator = "(";
        ((deferred_ += separator, deferred_ += on_.quote(args), separator = ","), ...);
        deferred_ += sizeof...(args) == 0 ? ";" : ");";
    }
    [[nodiscard]] const std::string& deferred() const noexcept { return deferred_; }

    // Plain SQL without parameters (BEGIN, SET LOCAL, migrations).
    pqxx::result exec_raw(const std::string& sql) { return work_.exec(sql); }

    // Announces a change; it becomes a row of the outbox in the same transaction. Only inside a unit of work.
    void announce(event what) { events_.push_back(std::move(what)); }

    [[nodiscard]] const std::vector<event>& events() const noexcept { return events_; }
    [[nodiscard]] pqxx::nontransaction& raw() noexcept { return work_; }
    [[nodiscard]] pqxx::connection& connection() noexcept { return on_; }
    void set_snapshot_position(std::int64_t pos) noexcept { snapshot_pos_ = pos; }
    [[nodiscard]] std::int64_t snapshot_position() const noexcept { return snapshot_pos_; }

    // The history this connection was opened on (cluster_head.incarnation); 0 before the first migration.
    [[nodiscard]] std::int64_t incarnation() const noexcept { return incarnation_; }
    // True once per connection and name: for statements that plain SQL prepares.
    [[nodiscard]] bool first_time(std::string_view what);
    // The statement used last, for the log.
    [[nodiscard]] const char* last() const noexcept { return last_; }

private:
    void prepare(const statement& what);

    pqxx::connection& on_;
    pqxx::nontransaction& work_;
    std::unordered_set<std::string_view>& prepared_;
    std::vector<event> events_;
    std::string deferred_;  // SQL text
    std::int64_t snapshot_pos_ = 0;
    std::int64_t incarnation_;
    const char* last_ = "";
};

// A PostgreSQL array literal of texts, uuids or numbers, for parameters like $1::uuid[].
[[nodiscard]] std::string array_literal(const std::vector<std::string>& items);

}  // namespace kieng::store
