#include "node/platform/store/error_map.hpp"

#include <pqxx/pqxx>

namespace kieng::store {

db_fault fault_of(std::string_view sqlstate) noexcept
{
    const auto area = sqlstate.substr(0, 2);
    if (sqlstate.empty() || area == "08") return db_fault::lost;
    if (sqlstate == "55P03") return db_fault::locked;
    if (sqlstate == "57014") return db_fault::timeout;
    if (sqlstate == "40001" || sqlstate == "40P01") return db_fault::conflict;
    if (sqlstate == "0A000" || sqlstate == "26000") return db_fault::stale;
    if (sqlstate == "KI001") return db_fault::history;
    // 25P03: the server ended a session that sat idle in a transaction. 25006: this server became a standby.
    if (area == "57" || area == "58" || area == "XX" || sqlstate == "25P03" || sqlstate == "25006")
        return db_fault::lost;
    if (area == "53") return db_fault::overloaded;
    return db_fault::defect;
}

std::optional<db_error> classify(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const pqxx::broken_connection&) {
        return db_error{db_fault::lost, "08006"};
    } catch (const pqxx::in_doubt_error&) {
        return db_error{db_fault::lost, "08007"};
    } catch (const pqxx::deadlock_detected&) {
        return db_error{db_fault::conflict, "40P01"};
    } catch (const pqxx::statement_completion_unknown&) {
        return db_error{db_fault::lost, "40003"};
    } catch (const pqxx::transaction_rollback&) {
        return db_error{db_fault::conflict, "40001"};
    } catch (const pqxx::sql_error& e) {
        return db_error{fault_of(e.sqlstate()), e.sqlstate()};
    } catch (const pqxx::failure&) {
        return db_error{db_fault::lost, {}};
    } catch (const pqxx::internal_error&) {
        return db_error{db_fault::lost, {}};
    } catch (...) {
        return std::nullopt;
    }
}

failure to_failure(const db_error& error)
{
    switch (error.fault) {
    case db_fault::lost:
    case db_fault::stale:
    case db_fault::history:
        return failure(errc::database_unavailable,
                       {"Mất kết nối tới cơ sở dữ liệu.", "The database connection was lost."});
    case db_fault::timeout:
        return failure(errc::database_unavailable,
                       {"Cơ sở dữ liệu trả lời quá lâu.", "The database took too long."});
    case db_fault::locked:
        return failure(errc::overloaded,
                       {"Người khác đang sửa cùng dữ liệu và chưa xong.",
                        "Somebody else is changing the same thing; it took too long."});
    case db_fault::overloaded:
        return failure(errc::overloaded,
                       {"Cơ sở dữ liệu đã hết chỗ.", "The database has no room left."});
    case db_fault::conflict:
        return failure(errc::overloaded, {"Quá nhiều thay đổi cùng lúc trên một dữ liệu.",
                                          "Too many changes of the same thing at once."});
    case db_fault::defect: return failure(errc::internal_error);
    }
    return failure(errc::internal_error);
}

bool ends_connection(db_fault fault) noexcept
{
    return fault == db_fault::lost || fault == db_fault::stale || fault == db_fault::history;
}

}  // namespace kieng::store
