#include "node/catalog/product_list_store.hpp"

#include "node/catalog/fold.hpp"
#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_list_sql.hpp"
#include "node/catalog/product_summary_row_store.hpp"
#include "node/platform/store/tx.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace kieng::catalog::product_list_store {
namespace {

using store::statement;

constexpr int kCountedExactly = 10'000;
constexpr int kLongestShared = 50;

// One index probe per name: from each name straight to the next, then a look whether goods of the statuses have it.
// ($2, $3) is where to start: the beginning asked for with no name, or the name the page before ended with.
constexpr statement kLabels{"catalog_labels", R"sql(
    WITH RECURSIVE names AS (
        (SELECT fold, name FROM product_labels
          WHERE kind = $1::smallint AND (fold, name) > ($2, $3) AND fold < $6 ORDER BY fold, name LIMIT 1)
        UNION ALL
        SELECT n.fold, n.name FROM names c CROSS JOIN LATERAL (
            SELECT l.fold, l.name FROM product_labels l
             WHERE l.kind = $1::smallint AND (l.fold, l.name) > (c.fold, c.name) AND l.fold < $6 ORDER BY l.fold, l.name LIMIT 1) n)
    SELECT h.pos, x.name FROM cluster_head h LEFT JOIN LATERAL (
        SELECT n.name FROM names n WHERE EXISTS (
            SELECT FROM unnest($4::smallint[]) s CROSS JOIN LATERAL (
                SELECT FROM product_labels l WHERE l.kind = $1::smallint AND l.fold = n.fold AND l.name = n.name AND l.status = s LIMIT 1) f)
         LIMIT $5) x ON true)sql"};

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

// Statements that are planned once, made of their texts: prepared once per connection, they cost a third of the same sent as text. The
// texts are few by construction; should there ever be more than kLasting, the others go as text.
const statement* lasting_statement(const std::string& text)
{
    struct kept {
        std::string name, text;
        statement what;
    };
    constexpr std::size_t kLasting = 128;
    static std::shared_mutex mutex;
    static std::unordered_map<std::string_view, std::unique_ptr<kept>> all;  // guarded by mutex
    {
        const std::shared_lock lock(mutex);
        if (const auto at = all.find(text); at != all.end()) return &at->second->what;
    }
    const std::lock_guard lock(mutex);
    if (const auto at = all.find(text); at != all.end()) return &at->second->what;
    if (all.size() >= kLasting) return nullptr;
    auto made = std::make_unique<kept>();
    made->name = "catalog_list_" + std::to_string(all.size() + 1);
    made->text = text;
    made->what = {made->name.c_str(), made->text.c_str()};
    const statement* out = &made->what;
    const std::string_view key = made->text;
    all.emplace(key, std::move(made));
    return out;
}

// While it lives, statements are planned once for any values. Also a statement that fails leaves the connection as it was.
class planned_once {
public:
    explicit planned_once(store::tx& on) : on_(on)
    {
        on_.exec_raw("SET plan_cache_mode = force_generic_plan");
    }
    ~planned_once()
    {
        try {
            on_.exec_raw("RESET plan_cache_mode");
        } catch (const std::exception&) {  // a broken connection is thrown away
        }
    }
    planned_once(const planned_once&) = delete;
    planned_once& operator=(const planned_once&) = delete;

private:
    store::tx& on_;
};

pqxx::result run(store::tx& on, const built_sql& what)
{
    const auto parameters =
        pqxx::prepare::make_dynamic_params(what.parameters.begin(), what.parameters.end());
    const auto* known =
        what.plans == built_sql::planning::each_time ? nullptr : lasting_statement(what.text);
    if (known == nullptr) return on.raw().exec_params(what.text, parameters);
    if (what.plans == built_sql::planning::once) return on.exec(*known, parameters);
    const planned_once mode(on);
    return on.exec(*known, parameters);
}

pqxx::result rows_of(store::tx& on, const product_query& query)
{
    if (!is_plain(query)) return run(on, list_sql(query));
    const std::vector<const product_query*> one{&query};
    return run(on, pages_sql(one));
}

// What the planner expects: "Plan Rows" of the topmost node comes first in the text.
std::int64_t estimated(store::tx& on, const product_filter& filter)
{
    const auto rows = run(on, estimate_sql(filter));
    const std::string plan = rows.front()[0].c_str();
    constexpr std::string_view kName = "\"Plan Rows\": ";
    const std::size_t at = plan.find(kName);
    if (at == std::string::npos) return 0;
    const std::size_t from = at + kName.size();
    return number_of(
        std::string_view(plan).substr(from, plan.find_first_not_of("0123456789", from) - from));
}

void count(store::tx& on, const product_query& query, page_end& out)
{
    const auto& filter = query.filter;
    const std::int64_t counted =
        number_of(view(run(on, count_sql(filter, query.sort, kCountedExactly)).front()[0]));
    out.total = counted;
    if (counted <= kCountedExactly) return;
    out.total = std::max(counted, estimated(on, filter));
    out.total_is_estimate = true;
}

// The cursor behind a row of the query's page.
std::string cursor_behind(const pqxx::row& last, const product_query& query)
{
    cursor at;
    if (query.filter.q) at.tier = static_cast<int>(number_of(view(last[1])));
    at.key = view(last[2]);
    at.id = view(last[3]);
    return encode(at, fingerprint_of(query));
}

// Rows [from, to) are one page of the query and, if there is more, the first row behind it.
written_page written(store::tx* count_on, const pqxx::result& rows, int from, int to,
                     const product_query& query)
{
    constexpr std::size_t kUsualRow = 512;
    const int end = std::min(to, from + query.limit);
    written_page out;
    out.ids.reserve(static_cast<std::size_t>(end - from));
    out.body.reserve(kUsualRow * static_cast<std::size_t>(end - from + 1));
    out.body = R"({"items":[)";
    for (int i = from; i < end; ++i) {
        const pqxx::row r = rows[i];
        if (i > from) out.body += ',';
        append_summary_row(out.body, r);
        out.ids.emplace_back(view(r[3]));
    }
    page_end rest;
    if (end < to) rest.next = cursor_behind(rows[end - 1], query);
    if (count_on) count(*count_on, query, rest);
    append_end(out.body, rest);
    out.body.shrink_to_fit();  // it may be kept for long, and a cache counts what is in it
    return out;
}

// How many rows hold goods: an empty page is a row with the position alone.
int goods_in(const pqxx::result& rows)
{
    return rows.front()[3].is_null() ? 0 : static_cast<int>(rows.size());
}

// Whether two shareable pages are of one statement.
bool is_alike(const product_query& a, const product_query& b)
{
    return a.sort == b.sort && a.limit == b.limit && a.filter.statuses == b.filter.statuses &&
           a.from.has_value() == b.from.has_value();
}

// Pages of one statement: the queries `which` of all.
void write_alike(store::tx& on, const std::vector<product_query>& queries,
                 const std::vector<std::size_t>& which, store::loaded<written_page>& out)
{
    std::vector<const product_query*> asked;
    for (const std::size_t i : which) asked.push_back(&queries[i]);
    const auto rows = run(on, pages_sql(asked));
    // Several statements, several snapshots: all pages are at least as new as the oldest.
    const std::int64_t pos = number_of(view(rows.front()[0]));
    out.pos = out.pos == 0 ? pos : std::min(out.pos, pos);
    const int all = goods_in(rows);
    int from = 0;
    for (std::size_t n = 0; n < which.size(); ++n) {
        const auto& query = queries[which[n]];
        if (!query.from) {  // the first page is the same for all
            out.values[which[n]] =
                n == 0 ? written(nullptr, rows, 0, all, query) : out.values[which.front()];
            continue;
        }
        int to = from;
        while (to < all && number_of(view(rows[to][1])) == static_cast<std::int64_t>(n) + 1) ++to;
        out.values[which[n]] = written(nullptr, rows, from, to, query);
        from = to;
    }
}

}  // namespace

store::seen<page<product_summary>> list(store::tx& on, const product_query& query)
{
    const auto rows = rows_of(on, query);
    store::seen<page<product_summary>> out;
    out.pos = number_of(view(rows.front()[0]));
    const int all = goods_in(rows);
    const int end = std::min(all, query.limit);
    for (int i = 0; i < end; ++i) out.value.items.push_back(summary_of(rows[i]));
    if (end < all) out.value.next = cursor_behind(rows[end - 1], query);
    if (query.total) count(on, query, out.value);
    return out;
}

store::seen<written_page> write_page(store::tx& on, const product_query& query)
{
    const auto rows = rows_of(on, query);
    return {written(query.total ? &on : nullptr, rows, 0, goods_in(rows), query),
            number_of(view(rows.front()[0]))};
}

bool is_shareable(const product_query& query)
{
    return is_plain(query) && !query.total && query.limit <= kLongestShared;
}

store::loaded<written_page> write_pages(store::tx& on, const std::vector<product_query>& queries)
{
    store::loaded<written_page> out;
    out.values.resize(queries.size());
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < queries.size(); ++i) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) {
            return is_alike(queries[g.front()], queries[i]);
        });
        if (group == groups.end()) group = groups.insert(groups.end(), std::vector<std::size_t>());
        group->push_back(i);
    }
    for (const auto& group : groups) write_alike(on, queries, group, out);
    return out;
}

store::seen<page<std::string>> labels(store::tx& on, const label_query& query)
{
    std::vector<std::string> statuses;
    for (const status s : query.statuses) statuses.push_back(std::to_string(static_cast<int>(s)));
    const std::string start = query.after.empty() ? query.begins : fold(query.after);
    const std::string end = query.begins + "\xF4\x8F\xBF\xBF";  // U+10FFFF
    const auto rows = on.exec(kLabels, static_cast<int>(query.kind), start, query.after,
                              store::array_literal(statuses), query.limit + 1, end);
    store::seen<page<std::string>> out;
    out.pos = number_of(view(rows.front()[0]));
    for (const auto& r : rows) {
        if (r[1].is_null()) break;
        if (out.value.items.size() == static_cast<std::size_t>(query.limit)) {
            out.value.next = out.value.items.back();
            break;
        }
        out.value.items.emplace_back(view(r[1]));
    }
    return out;
}

}  // namespace kieng::catalog::product_list_store
