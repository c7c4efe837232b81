#include "node/identity/throttle_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

// Inserting or updating holds the row either way.
constexpr statement kHold{
    "login_attempts_hold",
    "INSERT INTO login_attempts AS a (kind, key, attempts, last_at) VALUES ($1, $2, 0, clock_timestamp()) "
    "ON CONFLICT (kind, key) DO UPDATE SET attempts = a.attempts "
    "RETURNING attempts, (extract(epoch FROM last_at) * 1000000)::bigint AS last_us, "
    "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us"};
constexpr statement kWrite{
    "login_attempts_write",
    "UPDATE login_attempts SET attempts = $3, last_at = 'epoch'::timestamptz + $4::bigint * interval '1 microsecond' "
    "WHERE kind = $1 AND key = $2"};
constexpr statement kForget{"login_attempts_forget",
                            "DELETE FROM login_attempts WHERE kind = 'account' AND key = $1"};
constexpr statement kGiveBack{
    "login_attempts_give_back",
    "UPDATE login_attempts SET attempts = greatest(attempts - 1, 0) WHERE kind = 'address' AND key = $1"};

const char* name_of(throttled kind) noexcept
{
    switch (kind) {
    case throttled::account: return "account";
    case throttled::address: return "address";
    }
    return "";
}

}  // namespace

throttle_reading hold_count(store::tx& on, throttled kind, const std::string& key)
{
    const auto rows = on.exec(kHold, name_of(kind), key);
    const auto& row = rows[0];
    throttle_reading out;
    out.known.attempts = static_cast<int>(number_of(row, "attempts"));
    out.known.last = time_of(row, "last_us");
    out.now = time_of(row, "now_us");
    return out;
}

void write_count(store::tx& on, throttled kind, const std::string& key, const throttle_count& next)
{
    on.exec(kWrite, name_of(kind), key, next.attempts, microseconds(next.last));
}

void forgive(store::tx& on, const std::string& account_key, const std::string& address_key)
{
    on.exec(kForget, account_key);
    on.exec(kGiveBack, address_key);
}

}  // namespace kieng::identity
