#include "node/catalog/category_store.hpp"

#include "node/catalog/fold.hpp"
#include "node/catalog/pg_text.hpp"
#include "node/platform/store/tx.hpp"

#include <unordered_map>

namespace kieng::catalog::category_store {
namespace {

using store::statement;

#define KIENG_CATEGORY \
    "c.id, c.name, c.slug, c.parent_id, c.path, c.version, c.created_at, c.updated_at"

constexpr statement kLockTree{"category_lock_tree", "SELECT pg_advisory_xact_lock(4712)"};
constexpr statement kFind{"category_find",
                          "SELECT " KIENG_CATEGORY " FROM categories c WHERE c.id = $1::uuid"};
constexpr statement kRead{"category_read",
                          "SELECT h.pos, " KIENG_CATEGORY
                          " FROM cluster_head h LEFT JOIN categories c ON c.id = $1::uuid"};
constexpr statement kResolve{
    "category_resolve",
    "SELECT " KIENG_CATEGORY
    " FROM categories c WHERE c.slug = ANY ($1::text[]) OR c.id = ANY ($2::uuid[]) ORDER BY c.id FOR KEY SHARE"};
constexpr statement kChildNamed{
    "category_child_named",
    "SELECT " KIENG_CATEGORY
    " FROM categories c WHERE c.parent_id IS NOT DISTINCT FROM $1::uuid AND c.name_fold = vn_fold($2) ORDER BY c.id LIMIT 1"};
constexpr statement kSlugTaken{
    "category_slug_taken",
    "SELECT FROM categories WHERE slug = $1 AND id IS DISTINCT FROM $2::uuid"};
constexpr statement kFreeSlug{"category_free_slug", R"sql(
    SELECT CASE WHEN EXISTS (SELECT FROM categories WHERE slug = $1)
                THEN greatest((SELECT max(substr(slug, length($1) + 2)::bigint) FROM categories
                                WHERE slug > $1 || '-0' AND slug < $1 || '-:' AND substr(slug, length($1) + 2) ~ '^[0-9]{1,9}$'), 1) + 1 END)sql"};
constexpr statement kPathsBelow{
    "category_paths_below",
    "SELECT path FROM categories WHERE path > $1 || '/' AND path < $1 || '0'"};

// The row itself is locked first: a product that names it in a transaction under way holds it, and is seen once it is over.
constexpr statement kLockRow{"category_lock_row",
                             "SELECT FROM categories WHERE id = $1::uuid FOR UPDATE"};
constexpr statement kInUse{"category_in_use", R"sql(
    SELECT EXISTS (SELECT FROM categories WHERE parent_id = $1::uuid)
        OR EXISTS (SELECT FROM products WHERE leaf_id = $1::uuid)
        OR EXISTS (SELECT FROM products WHERE category_id = $1::uuid AND subcategory_id IS NOT NULL))sql"};
constexpr statement kHoldsOthers{"category_holds_others", R"sql(
    SELECT EXISTS (
        SELECT FROM categories s JOIN products p ON p.leaf_id = s.id JOIN categories c ON c.id = p.category_id
         WHERE (s.path = $1 OR (s.path > $1 || '/' AND s.path < $1 || '0')) AND p.subcategory_id IS NOT NULL
           AND NOT (c.path = $1 OR (c.path > $1 || '/' AND c.path < $1 || '0'))))sql"};
constexpr statement kInsert{"category_insert", R"sql(
    INSERT INTO categories (id, parent_id, slug, name, path, updated_by)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid) RETURNING created_at)sql"};
constexpr statement kUpdate{"category_update", R"sql(
    WITH old AS (INSERT INTO category_versions (category_id, version, fields) VALUES ($1::uuid, $6::bigint - 1, $7::jsonb)),
    trimmed AS (DELETE FROM category_versions WHERE category_id = $1::uuid AND superseded_at < now() - interval '90 days')
    UPDATE categories SET parent_id = $2::uuid, slug = $3, name = $4, path = $5, version = $6, updated_by = $8::uuid,
           updated_at = greatest(now(), updated_at + interval '1 microsecond')
     WHERE id = $1::uuid RETURNING updated_at)sql"};
constexpr statement kMovePaths{"category_move_paths", R"sql(
    UPDATE categories SET path = $2 || substr(path, length($1) + 1)
     WHERE path > $1 || '/' AND path < $1 || '0' RETURNING id)sql"};
constexpr statement kRemove{"category_remove", "DELETE FROM categories WHERE id = $1::uuid"};
constexpr statement kVersion{
    "category_version",
    "SELECT fields::text FROM category_versions WHERE category_id = $1::uuid AND version = $2"};

// $1 parent's id, $2 parent's slug, $3 'root', $4 pattern of the name, $5 where the page before ended, $6 how many.
#define KIENG_CATEGORY_FILTER                                                                    \
    " (NOT $3::boolean OR c.parent_id IS NULL) AND ($1::uuid IS NULL OR c.parent_id = $1::uuid)" \
    " AND ($2::text IS NULL OR c.parent_id = (SELECT id FROM categories WHERE slug = $2)) AND ($4::text IS NULL OR c.name_fold LIKE $4)"
constexpr statement kList{
    "category_list",
    "SELECT h.pos, x.* FROM cluster_head h LEFT JOIN LATERAL (SELECT " KIENG_CATEGORY
    " FROM categories c WHERE" KIENG_CATEGORY_FILTER
    " AND translate(c.path, '/', ' ') COLLATE \"C\" > translate($5, '/', ' ') COLLATE \"C\""
    " ORDER BY translate(c.path, '/', ' ') COLLATE \"C\" LIMIT $6) x ON true"};
constexpr statement kCount{"category_count",
                           "SELECT count(*) FROM categories c WHERE" KIENG_CATEGORY_FILTER};

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

// The columns of KIENG_CATEGORY from `first` on.
category category_of(const pqxx::row& r, int first = 0)
{
    const auto text = [&](int n) { return std::string(view(r[first + n])); };
    category c;
    c.id = text(0);
    c.fields = {text(1), text(2), text(3)};
    c.path = text(4);
    c.version = number_of(view(r[first + 5]));
    c.created_at = time_of(view(r[first + 6]));
    c.updated_at = time_of(view(r[first + 7]));
    return c;
}

std::optional<category> first_of(const pqxx::result& rows)
{
    if (rows.empty()) return std::nullopt;
    return category_of(rows.front());
}

const char* null_if_empty(const std::string& text)
{
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace

void lock_tree(store::tx& on)
{
    on.exec(kLockTree);
}

std::optional<category> find(store::tx& on, const std::string& id)
{
    return first_of(on.exec(kFind, id));
}

store::seen<std::optional<category>> read(store::tx& on, const std::string& id)
{
    const auto row = on.exec(kRead, id).front();
    store::seen<std::optional<category>> out{std::nullopt, number_of(view(row[0]))};
    if (!row[1].is_null()) out.value = category_of(row, 1);
    return out;
}

std::vector<std::optional<category>> resolve(store::tx& on,
                                             const std::vector<std::string>& references)
{
    std::vector<std::string> slugs, ids;
    for (const auto& reference : references)
        (parse_uuid(reference) ? ids : slugs).push_back(reference);
    std::unordered_map<std::string, category> found;
    for (const auto& row :
         on.exec(kResolve, store::array_literal(slugs), store::array_literal(ids))) {
        auto c = category_of(row);
        found.emplace(c.fields.slug, c);
        found.emplace(c.id, std::move(c));
    }
    std::vector<std::optional<category>> out;
    for (const auto& reference : references) {
        const auto at = found.find(parse_uuid(reference).value_or(reference));
        if (at == found.end())
            out.emplace_back();
        else
            out.emplace_back(at->second);
    }
    return out;
}

std::optional<category> child_named(store::tx& on, const std::string& parent_id,
                                    const std::string& name)
{
    return first_of(on.exec(kChildNamed, null_if_empty(parent_id), name));
}

bool slug_taken(store::tx& on, const std::string& slug, const std::string& by_other_than)
{
    return !on.exec(kSlugTaken, slug, null_if_empty(by_other_than)).empty();
}

std::string free_slug(store::tx& on, const std::string& stem)
{
    const auto number = on.exec(kFreeSlug, stem).front()[0];
    return number.is_null() ? stem : stem + "-" + number.c_str();
}

std::size_t levels_below(store::tx& on, const category& top)
{
    std::size_t deepest = 0;
    for (const auto& row : on.exec(kPathsBelow, top.path))
        deepest = std::max(deepest, levels_of(view(row[0])));
    return deepest == 0 ? 0 : deepest - levels_of(top.path);
}

bool in_use(store::tx& on, const std::string& id)
{
    on.exec(kLockRow, id);
    return view(on.exec(kInUse, id).front()[0]) == "t";
}

bool holds_subcategories_of_others(store::tx& on, const category& top)
{
    on.exec(kLockRow, top.id);
    return view(on.exec(kHoldsOthers, top.path).front()[0]) == "t";
}

void insert(store::tx& on, category& c)
{
    const auto row = on.exec(kInsert, c.id, null_if_empty(c.fields.parent_id), c.fields.slug,
                             c.fields.name, c.path, static_cast<const char*>(nullptr))
                         .front();
    c.created_at = c.updated_at = time_of(view(row[0]));
}

std::vector<std::string> update(store::tx& on, const category& before, category& after,
                                const std::string& was, const std::string& by)
{
    const auto row =
        on.exec(kUpdate, after.id, null_if_empty(after.fields.parent_id), after.fields.slug,
                after.fields.name, after.path, after.version, was, null_if_empty(by))
            .front();
    after.updated_at = time_of(view(row[0]));
    std::vector<std::string> moved;
    if (before.path == after.path) return moved;
    for (const auto& r : on.exec(kMovePaths, before.path, after.path))
        moved.emplace_back(r[0].c_str());
    return moved;
}

void remove(store::tx& on, const std::string& id)
{
    on.exec(kRemove, id);
}

std::optional<std::string> version_json(store::tx& on, const std::string& id, std::int64_t version)
{
    const auto rows = on.exec(kVersion, id, version);
    if (rows.empty()) return std::nullopt;
    return std::string(view(rows.front()[0]));
}

store::seen<page<category>> list(store::tx& on, const category_query& query)
{
    const bool root = query.parent == "root";
    const auto id = query.parent && !root ? parse_uuid(*query.parent) : std::nullopt;
    const char* parent_id = id ? id->c_str() : nullptr;
    const char* parent_slug = query.parent && !root && !id ? query.parent->c_str() : nullptr;
    const std::optional<std::string> pattern =
        query.q ? std::optional("%" + like_prefix(*query.q)) : std::nullopt;
    const char* name = pattern ? pattern->c_str() : nullptr;
    const auto rows =
        on.exec(kList, parent_id, parent_slug, root, name, query.after, query.limit + 1);
    store::seen<page<category>> out;
    out.pos = number_of(view(rows.front()[0]));
    for (const auto& r : rows) {
        if (r[1].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(query.limit)) {
            out.value.next = out.value.items.back().path;
            break;
        }
        out.value.items.push_back(category_of(r, 1));
    }
    if (query.total)
        out.value.total =
            number_of(view(on.exec(kCount, parent_id, parent_slug, root, name).front()[0]));
    return out;
}

}  // namespace kieng::catalog::category_store
