#include "node/identity/audit_store.hpp"

#include "node/identity/row.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

// A connection's application_name is kieng/<node>/<boot>/<use>.
constexpr statement kInsert{"audit_insert", R"sql(
    INSERT INTO audit_log (id, actor_id, actor_email, action, entity, entity_id, node, request_id, address, details)
    SELECT u.id, $2::uuid, (SELECT email FROM users WHERE id = $2::uuid), u.action, u.entity, nullif(u.entity_id, '')::uuid,
           split_part(current_setting('application_name'), '/', 2), $6, $7, u.details::jsonb
      FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $8::text[]) u (id, action, entity, entity_id, details))sql"};
// '/' is the character behind '.': "product." to "product/" is everything that begins with "product.".
constexpr statement kList{
    "audit_list",
    "SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at_us, actor_id, actor_email, action, entity, entity_id, node, "
    "request_id, address, details FROM audit_log "
    "WHERE ($1::uuid IS NULL OR actor_id = $1) "
    "AND ($2::text IS NULL OR action = $2 OR (action >= $2 || '.' AND action < $2 || '/')) "
    "AND ($3::text IS NULL OR entity = $3) AND ($4::uuid IS NULL OR entity_id = $4) "
    "AND ($5::bigint IS NULL OR at >= 'epoch'::timestamptz + $5::bigint * interval '1 microsecond') "
    "AND ($6::bigint IS NULL OR at < 'epoch'::timestamptz + $6::bigint * interval '1 microsecond') "
    "AND ($7::bigint IS NULL OR (at, id) < ('epoch'::timestamptz + $7::bigint * interval '1 microsecond', $8::uuid)) "
    "ORDER BY at DESC, id DESC LIMIT $9"};

std::optional<std::string> number_text(const std::optional<wall_time>& at)
{
    if (!at) return std::nullopt;
    return std::to_string(microseconds(*at));
}

}  // namespace

void insert_audit(store::tx& on, const std::vector<std::string>& ids, const actor& who,
                  const std::vector<audit_entry>& entries)
{
    std::vector<std::string> actions, entities, entity_ids, details;
    for (const auto& entry : entries) {
        actions.emplace_back(entry.action);
        entities.emplace_back(entry.entity);
        entity_ids.push_back(entry.entity_id);
        details.push_back(entry.details);
    }
    on.defer(kInsert, store::array_literal(ids), null_if_empty(who.user_id),
             store::array_literal(actions), store::array_literal(entities),
             store::array_literal(entity_ids), who.request_id, null_if_empty(who.address),
             store::array_literal(details));
}

std::vector<audit_line> list_audit(store::tx& on, const audit_filter& what)
{
    const auto from = number_text(what.from);
    const auto to = number_text(what.to);
    const auto before = number_text(what.before_at);
    const auto rows =
        on.exec(kList, nullable(what.actor_id), nullable(what.action), nullable(what.entity),
                nullable(what.entity_id), nullable(from), nullable(to), nullable(before),
                null_if_empty(what.before_id), what.limit);
    std::vector<audit_line> out;
    for (const auto& row : rows) {
        audit_line line;
        line.id = text_of(row, "id");
        line.at = time_of(row, "at_us");
        line.actor_id = optional_text_of(row, "actor_id");
        line.actor_email = optional_text_of(row, "actor_email");
        line.action = text_of(row, "action");
        line.entity = text_of(row, "entity");
        line.entity_id = optional_text_of(row, "entity_id");
        line.node = text_of(row, "node");
        line.request_id = text_of(row, "request_id");
        line.address = optional_text_of(row, "address");
        line.details = text_of(row, "details");
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace kieng::identity
