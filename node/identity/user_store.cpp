#include "node/identity/user_store.hpp"

#include "node/identity/account_json.hpp"
#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

#define KIENG_USER_COLUMNS                                                                                              \
    "id, email, role, status, first_name, last_name, phone, avatar, currency, language, notify_email, notify_sms, "     \
    "notify_push, version, changed, rights_version, (extract(epoch FROM created_at) * 1000000)::bigint AS created_us, " \
    "(extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"

constexpr statement kInsert{
    "user_insert",
    "INSERT INTO users (id, email, role, first_name, last_name, phone, currency, language, updated_by) "
    "VALUES ($1, normalize($2, NFC), $3, normalize($4, NFC), normalize($5, NFC), normalize($6, NFC), $7, $8, $9) "
    "ON CONFLICT ((lower(email))) DO NOTHING RETURNING " KIENG_USER_COLUMNS};
constexpr statement kInsertPassword{
    "credentials_insert", "INSERT INTO credentials (user_id, password_hash) VALUES ($1, $2)"};
constexpr statement kFind{"user_find", "SELECT " KIENG_USER_COLUMNS " FROM users WHERE id = $1"};
constexpr statement kLock{"user_lock", "SELECT " KIENG_USER_COLUMNS
                                       " FROM users WHERE id = $1 FOR NO KEY UPDATE"};
constexpr statement kShare{"user_share",
                           "SELECT " KIENG_USER_COLUMNS " FROM users WHERE id = $1 FOR SHARE"};
constexpr statement kUpdate{
    "user_update",
    "UPDATE users SET first_name = $2, last_name = $3, phone = $4, avatar = $5, currency = $6, language = $7, "
    "notify_email = $8, notify_sms = $9, notify_push = $10, role = $11, status = $12, version = $13, changed = $14::jsonb, "
    "rights_changed_at = CASE WHEN rights_version = $15 THEN rights_changed_at ELSE clock_timestamp() END, "
    "rights_version = $15, updated_at = now(), updated_by = $16 WHERE id = $1 RETURNING " KIENG_USER_COLUMNS};
constexpr statement kPasswordByEmail{
    "credentials_by_email",
    "SELECT u.id, u.email, c.password_hash FROM users u JOIN credentials c ON c.user_id = u.id "
    "WHERE lower(u.email) = lower(normalize($1::text, NFC))"};
constexpr statement kPasswordById{
    "credentials_by_user",
    "SELECT u.id, u.email, c.password_hash FROM users u JOIN credentials c ON c.user_id = u.id WHERE u.id = $1"};
constexpr statement kSetPassword{
    "credentials_update",
    "UPDATE credentials SET password_hash = $2, changed_at = now() WHERE user_id = $1"};
constexpr statement kRenewRights{
    "user_renew_rights",
    "UPDATE users SET rights_version = rights_version + 1, rights_changed_at = clock_timestamp() WHERE id = $1 "
    "RETURNING " KIENG_USER_COLUMNS};
constexpr statement kLockOwners{"owners_lock",
                                "SELECT pg_advisory_xact_lock(hashtext('kieng/owners'))"};
constexpr statement kActiveOwners{
    "owners_count", "SELECT count(*) FROM users WHERE role = 'owner' AND status = 'active'"};
constexpr statement kOwners{"owners_count_all", "SELECT count(*) FROM users WHERE role = 'owner'"};
// Null filters do not narrow. The pattern is folded like the column and its wildcards are escaped.
#define KIENG_USER_FILTER                                                                                                           \
    "($1::text IS NULL OR search LIKE '%' || replace(replace(replace(vn_fold($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%') " \
    "AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR status = $3)"
constexpr statement kList{
    "users_list",
    "SELECT " KIENG_USER_COLUMNS " FROM users WHERE " KIENG_USER_FILTER
    " AND ($4::bigint IS NULL OR (created_at, id) < ('epoch'::timestamptz + $4::bigint * interval '1 microsecond', $5::uuid)) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};
constexpr statement kCount{"users_count",
                           "SELECT count(*) FROM (SELECT 1 FROM users WHERE " KIENG_USER_FILTER
                           " LIMIT 10001) few"};
constexpr statement kEstimate{
    "users_estimate",
    "SELECT greatest(reltuples::bigint, 10001) FROM pg_class WHERE oid = 'users'::regclass"};
constexpr statement kNormalize{
    "normalize_texts",
    "SELECT normalize(t, NFC) AS t FROM unnest($1::text[]) WITH ORDINALITY AS given(t, n) ORDER BY n"};

template <class Row>
user user_of(const Row& row)
{
    user out;
    out.id = text_of(row, "id");
    out.email = text_of(row, "email");
    out.role = text_of(row, "role");
    out.status = text_of(row, "status");
    out.first_name = optional_text_of(row, "first_name");
    out.last_name = optional_text_of(row, "last_name");
    out.phone = optional_text_of(row, "phone");
    out.avatar = optional_text_of(row, "avatar");
    out.prefers.currency = text_of(row, "currency");
    out.prefers.language = text_of(row, "language");
    out.prefers.notify_email = flag_of(row, "notify_email");
    out.prefers.notify_sms = flag_of(row, "notify_sms");
    out.prefers.notify_push = flag_of(row, "notify_push");
    out.version = number_of(row, "version");
    out.changed = read_changed(text_of(row, "changed"));
    out.rights_version = number_of(row, "rights_version");
    out.created_at = time_of(row, "created_us");
    out.updated_at = time_of(row, "updated_us");
    return out;
}

std::optional<user> first_user(const pqxx::result& rows)
{
    if (rows.empty()) return std::nullopt;
    return user_of(rows[0]);
}

std::optional<account_password> first_password(const pqxx::result& rows)
{
    if (rows.empty()) return std::nullopt;
    return account_password{text_of(rows[0], "id"), text_of(rows[0], "email"),
                            text_of(rows[0], "password_hash")};
}

void announce(store::tx& on, const char* type, const user& who, std::int64_t version)
{
    store::event what;
    what.type = type;
    what.entity = "user";
    what.entity_id = who.id;
    what.version = version;
    what.tags = {"user:" + who.id};
    what.data = "{}";
    on.announce(std::move(what));
}

}  // namespace

std::optional<user> insert_user(store::tx& on, const new_user_row& row)
{
    const auto& who = row.who;
    auto made =
        first_user(on.exec(kInsert, who.id, who.email, who.role, nullable(who.first_name),
                           nullable(who.last_name), nullable(who.phone), who.prefers.currency,
                           who.prefers.language, null_if_empty(row.created_by)));
    if (!made) return std::nullopt;
    on.exec(kInsertPassword, who.id, row.password_hash);
    announce_user(on, *made);
    return made;
}

std::optional<user> find_user(store::tx& on, const std::string& id)
{
    return first_user(on.exec(kFind, id));
}

std::optional<user> lock_user(store::tx& on, const std::string& id)
{
    return first_user(on.exec(kLock, id));
}

std::optional<user> share_user(store::tx& on, const std::string& id)
{
    return first_user(on.exec(kShare, id));
}

user update_user(store::tx& on, const user& next, const std::string& by)
{
    const auto& p = next.prefers;
    const auto rows =
        on.exec(kUpdate, next.id, nullable(next.first_name), nullable(next.last_name),
                nullable(next.phone), nullable(next.avatar), p.currency, p.language, p.notify_email,
                p.notify_sms, p.notify_push, next.role, next.status, next.version,
                to_json(next.changed), next.rights_version, null_if_empty(by));
    return user_of(rows[0]);
}

void announce_user(store::tx& on, const user& who)
{
    announce(on, "UserUpdatedEvent", who, who.version);
}

void announce_rights(store::tx& on, const user& who)
{
    announce(on, "UserRightsChangedEvent", who, who.rights_version);
}

std::optional<account_password> find_password(store::tx& on, std::string_view email)
{
    return first_password(on.exec(kPasswordByEmail, std::string(email)));
}

std::optional<account_password> find_password_of(store::tx& on, const std::string& user_id)
{
    return first_password(on.exec(kPasswordById, user_id));
}

void set_password(store::tx& on, const std::string& user_id, const std::string& hash)
{
    on.exec(kSetPassword, user_id, hash);
}

user renew_rights(store::tx& on, const std::string& user_id)
{
    const auto rows = on.exec(kRenewRights, user_id);
    auto who = user_of(rows[0]);
    announce_rights(on, who);
    return who;
}

void lock_owners(store::tx& on)
{
    on.exec(kLockOwners);
}

std::int64_t active_owners(store::tx& on)
{
    return on.exec(kActiveOwners)[0][0].as<std::int64_t>();
}

std::int64_t count_owners(store::tx& on)
{
    return on.exec(kOwners)[0][0].as<std::int64_t>();
}

std::vector<user> list_users(store::tx& on, const user_filter& what)
{
    std::optional<std::string> before;
    if (what.before_at) before = std::to_string(microseconds(*what.before_at));
    const auto rows =
        on.exec(kList, nullable(what.words), nullable(what.role), nullable(what.status),
                nullable(before), null_if_empty(what.before_id), what.limit);
    std::vector<user> out;
    for (const auto& row : rows) out.push_back(user_of(row));
    return out;
}

user_count count_users(store::tx& on, const user_filter& what)
{
    const auto few =
        on.exec(kCount, nullable(what.words), nullable(what.role), nullable(what.status))[0][0]
            .as<std::int64_t>();
    if (few <= kExactTotal) return {few, false};
    return {on.exec(kEstimate)[0][0].as<std::int64_t>(), true};
}

std::vector<std::string> normalized(store::tx& on, const std::vector<std::string>& texts)
{
    std::vector<std::string> out;
    if (texts.empty()) return out;
    for (const auto& row : on.exec(kNormalize, store::array_literal(texts)))
        out.push_back(text_of(row, "t"));
    return out;
}

}  // namespace kieng::identity
