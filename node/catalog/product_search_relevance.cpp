#include "node/catalog/product_search_parts.hpp"

namespace kieng::catalog {
namespace {

constexpr int kNameWalk = 4'000;
constexpr int kDescriptionWalk = 2'000;

const ordering kByName{"p.name_fold", "::text COLLATE \"C\"", false};
const ordering kNewest{"", "", true};

std::string tier_table(int tier)
{
    return "t" + std::to_string(tier);
}

std::string found_before(int tier)
{
    std::string out = "(SELECT count(*) FROM (";
    for (int t = 0; t < tier; ++t)
        out += (t > 0 ? " UNION ALL SELECT FROM " : "SELECT FROM ") + tier_table(t);
    return out + ") f)";
}

// What tells whether a tier is read at all.
std::string gate(const search& s, int tier)
{
    std::string out;
    if (tier > 0) out = " AND " + found_before(tier) + " < " + std::to_string(s.take);
    return s.terms.is_like_a_code() ? out + " AND NOT EXISTS (SELECT FROM codes)" : out;
}

stretch tier_stretch(search& s, int tier, const ordering& in)
{
    stretch out;
    out.in = in;
    out.take = s.take;
    out.after = s.after(tier, in);
    out.only_if = gate(s, tier);
    return out;
}

std::string code_tier(search& s)
{
    const std::string later =
        s.is_behind(0) ? " AND p.id > " + s.values.add(s.query.from->id, "::uuid") : "";
    return "t0 AS MATERIALIZED (SELECT p.id, ''::text AS key FROM products p WHERE p.id IN (SELECT id FROM codes) AND " +
           s.values.status_condition() + s.filters() + later + " ORDER BY p.id LIMIT " +
           std::to_string(s.take) + "),\n";
}

// Names are a range of their index: without facets all of them are there, and prices too.
std::string name_tier(search& s, int tier, const std::string& range, search_condition_of gathered)
{
    auto of = tier_stretch(s, tier, kByName);
    of.range = range + " AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
    if (s.values.facets().empty()) {
        of.range += s.values.prices();
        return race(s.values, of, tier_table(tier));
    }
    of.rows = s.filters();
    of.gathered_by = of.rows + (s.terms.*gathered)();
    of.walk = kNameWalk;
    return race(s.values, of, tier_table(tier));
}

std::string word_tier(search& s, int tier, int walk, const std::string& rows,
                      const std::string& gathered, const std::string& rest)
{
    auto of = tier_stretch(s, tier, kNewest);
    const std::string others =
        s.filters() + rest + " AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
    of.rows = rows + others;
    of.gathered_by = gathered + others;
    of.walk = walk;
    return race_with(s.values, of, tier_table(tier), walk_by_id(s, of));
}

// Conditions of all tiers of words.
std::string other_than_names(search& s)
{
    return s.filters() + " AND NOT (true" + s.terms.begins_whole() +
           ") AND p.id <> ALL (ARRAY(SELECT id FROM codes))";
}

// Tiers 2 and 3 in one: if neither walk fills the page, one gathering serves both. Only if the description's walk does, so that far too much would
// be gathered, the labels' goods are gathered alone.
std::string whole_word_tiers(search& s)
{
    const std::string take = std::to_string(s.take), others = other_than_names(s);
    auto labels = tier_stretch(s, 2, kNewest), rest = tier_stretch(s, 3, kNewest);
    labels.walk = kWordWalk, rest.walk = kDescriptionWalk;
    labels.rows = s.terms.in_labels() + others;
    rest.rows = s.terms.anywhere() + " AND NOT (true" + s.terms.in_labels() + ")" + others;
    const std::string few_labels =
        "(SELECT count(*) FROM (SELECT FROM t0 UNION ALL SELECT FROM t1 UNION ALL SELECT FROM t2_walk) f) < " +
        take;
    rest.only_if = labels.only_if + " AND " + few_labels;
    const std::string few_rest = "(SELECT count(*) FROM t3_walk) < " + take;
    const std::string more_labels =
        "(SELECT count(*) FROM t2_seen) >= " + std::to_string(kWordWalk);
    const std::string more_rest =
        "(SELECT count(*) FROM t3_seen) >= " + std::to_string(kDescriptionWalk);
    const std::string both =
        few_labels + " AND " + few_rest + " AND (" + more_labels + " OR " + more_rest + ")";
    const std::string alone = few_labels + " AND NOT " + few_rest + " AND " + more_labels;
    const auto walked = [&](const char* seen) {
        return "SELECT id, key FROM " + std::string(seen) + " WHERE ok LIMIT " + take;
    };
    const auto gathered = [&](const std::string& from) {
        return "(SELECT p.id, ''::text AS key FROM " + from + labels.after +
               " ORDER BY p.id DESC LIMIT " + take + ")";
    };
    const std::string where = "product_search p WHERE " + s.values.status_condition();
    std::string out = "t2_seen AS MATERIALIZED (" + walk_by_id(s, labels) +
                      "),\nt2_walk AS MATERIALIZED (" + walked("t2_seen") +
                      "),\nt3_seen AS MATERIALIZED (" + walk_by_id(s, rest) +
                      "),\nt3_walk AS MATERIALIZED (" + walked("t3_seen") + "),\n";
    out += "found_any AS MATERIALIZED (SELECT p.id, (true" + s.terms.in_labels() +
           ") AS of_labels FROM " + where + s.terms.gather_anywhere() + others + labels.only_if +
           " AND " + both + " OFFSET 0),\nfound_labels AS MATERIALIZED (SELECT p.id FROM " + where +
           s.terms.gather_in_labels() + others + labels.only_if + " AND " + alone + " OFFSET 0),\n";
    out += "t2 AS (SELECT id, key FROM t2_walk WHERE NOT (" + both + ") AND NOT (" + alone +
           ") UNION ALL " + gathered("found_any p WHERE p.of_labels") + " UNION ALL " +
           gathered("found_labels p WHERE true") + "),\n";
    labels.after.clear();
    return out + "t3 AS (SELECT id, key FROM t3_walk WHERE NOT (" + both + ") UNION ALL " +
           gathered("found_any p WHERE NOT p.of_labels") + "),\n";
}

std::string tier(search& s, int number)
{
    auto& terms = s.terms;
    switch (number) {
    case 0: return code_tier(s);
    case 1: return name_tier(s, 1, terms.begins_whole(), &search_terms::gather_begins_whole);
    case 2: return whole_word_tiers(s);
    case 3:
        // With tier 2, unless a cursor is behind that.
        if (!s.is_behind(3)) return "";
        return word_tier(s, 3, kDescriptionWalk, terms.anywhere(), terms.gather_anywhere(),
                         " AND NOT (true" + terms.in_labels() + ")" + " AND NOT (true" +
                             terms.begins_whole() + ")");
    case 4:
        return name_tier(s, 4, terms.begins_in_part() + terms.not_whole(),
                         &search_terms::gather_in_part);
    default:
        return word_tier(s, 5, kWordWalk, terms.in_part(), terms.gather_in_part(),
                         " AND NOT (true" + terms.begins_in_part() + ") AND NOT (true" +
                             terms.anywhere() + ")");
    }
}

}  // namespace

std::string relevant_hits(search& s)
{
    const int from = s.query.from ? s.query.from->tier : 0;
    std::string out = "codes AS MATERIALIZED (" + s.terms.codes() + "),\n";
    std::string hits;
    const int tiers = s.terms.has_words() ? 6 : 1;
    for (int t = 0; t < tiers; ++t) {
        out += t >= from ? tier(s, t)
                         : no_hits(tier_table(t), t == 1 || t == kFirstPart ? kByName : kNewest);
        hits += (t == 0 ? "SELECT " : " UNION ALL SELECT ") + std::to_string(t) +
                " AS tier, id, key FROM " + tier_table(t);
    }
    return out + "hits AS (" + hits + "),\n";
}

}  // namespace kieng::catalog
