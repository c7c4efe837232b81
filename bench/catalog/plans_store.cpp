// Measures every reading statement of the catalogue on a large database and prints a table in Markdown, with the plan of each.
//
//   kieng_catalog_plans [REPEATS]      the database is that of KIENG_TEST_DB, filled by bench/sql/million.sql
//
// Each row is one kind of request; each repeat throws new parameters, in an order that mixes the kinds. A time is that of the whole read: SQL
// sent, planned, run, rows read, JSON written; no cache but PostgreSQL's own. The processor time of PostgreSQL's process stands beside it: it
// is what remains the same on a machine that others use too.
#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_list_sql.hpp"
#include "node/catalog/product_list_store.hpp"
#include "node/catalog/product_store.hpp"
#include "node/platform/store/tx.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace kieng;
using namespace kieng::catalog;

struct world {
    pqxx::connection connection;
    pqxx::nontransaction work{connection};
    std::unordered_set<std::string_view> prepared;
    store::tx on{connection, work, prepared};
    seeded_random dice{42};
    std::int64_t goods;

    explicit world(const char* where)
        : connection(where),
          goods(work.exec1("SELECT count(*) FROM products")[0].as<std::int64_t>())
    {}

    std::int64_t below(std::int64_t bound)
    {
        return static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(bound)));
    }
    std::string any(const std::vector<std::string>& of) { return of[dice.below(of.size())]; }
    // Some product, as the database has it.
    std::string column(const char* name)
    {
        std::string number = std::to_string(below(goods) + 1);
        number.insert(0, 8 - std::min<std::size_t>(8, number.size()), '0');
        return work
            .exec1("SELECT " + std::string(name) +
                   " FROM products p JOIN variants v ON v.product_id = p.id WHERE v.sku = 'MA-" +
                   number + "'")[0]
            .c_str();
    }
    // A number up to n, the small ones more often.
    std::string zipf(double n)
    {
        return std::to_string(
            static_cast<int>(std::pow(n, static_cast<double>(dice.below(10'000)) / 10'000)));
    }
};

struct sample {
    std::string name;
    std::vector<double> ms, cpu;
    double worst = -1;
    built_sql slowest;
};

struct shape {
    std::string name;
    std::function<product_query(world&)> make;
};

product_query plain(product_sort sort, int limit = 20)
{
    product_query q;
    q.sort = sort;
    q.limit = limit;
    q.filter.statuses = {status::active};
    return q;
}

// A cursor somewhere in the middle of an order.
void deep(world& w, product_query& q)
{
    cursor at;
    at.id = w.column("p.id");
    switch (q.sort) {
    case product_sort::name:
    case product_sort::name_down: at.key = w.column("p.name_fold"); break;
    case product_sort::price:
    case product_sort::price_down: at.key = w.column("p.price"); break;
    case product_sort::updated:
        at.key = w.column("(extract(epoch FROM p.updated_at) * 1000000)::bigint");
        break;
    case product_sort::newest:
    case product_sort::oldest:
    case product_sort::relevance: break;
    }
    q.from = at;
}

std::string some_category(world& w)
{
    const auto top = std::to_string(1 + w.below(12));
    switch (w.below(3)) {
    case 0: return "nganh-" + top;
    case 1: return "nhom-" + top + "-" + std::to_string(1 + w.below(10));
    default: return "loai-" + top + "-" + std::to_string(1 + w.below(3));
    }
}

void limit_prices(world& w, product_query& q)
{
    q.filter.min_price = w.below(1'000) * 1'000;
    q.filter.max_price = *q.filter.min_price + (w.below(2) == 0 ? 5'000 : 200'000);
}

const std::vector<product_sort> kOrders{product_sort::newest,     product_sort::name,
                                        product_sort::name_down,  product_sort::price,
                                        product_sort::price_down, product_sort::updated};

std::vector<shape> list_shapes()
{
    std::vector<shape> out;
    const auto with_orders = [&](const std::string& name,
                                 std::function<void(world&, product_query&)> fill) {
        for (const auto sort : kOrders) {
            out.push_back({name + ", " + std::string(name_of(sort)), [=](world& w) {
                               auto q = plain(sort);
                               fill(w, q);
                               return q;
                           }});
        }
    };
    with_orders("first page", [](world&, product_query&) {});
    with_orders("page in the middle", [](world& w, product_query& q) { deep(w, q); });
    with_orders("200 in the middle", [](world& w, product_query& q) { q.limit = 200, deep(w, q); });
    with_orders("all statuses", [](world& w, product_query& q) {
        q.filter.statuses = {status::draft, status::active, status::archived};
        if (w.below(2) == 0) deep(w, q);
    });
    with_orders("drafts or archived", [](world& w, product_query& q) {
        q.filter.statuses = {w.below(2) == 0 ? status::draft : status::archived};
        if (w.below(2) == 0) deep(w, q);
    });
    with_orders("category", [](world& w, product_query& q) {
        q.filter.category = some_category(w);
        if (w.below(2) == 0) deep(w, q);
    });
    with_orders("tag", [](world& w, product_query& q) {
        q.filter.tag = "nhãn " + w.zipf(2'000);
        if (w.below(2) == 0) deep(w, q);
    });
    with_orders("brand", [](world& w, product_query& q) {
        q.filter.brand = "Hãng " + w.zipf(300);
        if (w.below(2) == 0) deep(w, q);
    });
    with_orders("price range", [](world& w, product_query& q) { limit_prices(w, q); });
    with_orders("category and tag", [](world& w, product_query& q) {
        q.filter.category = some_category(w), q.filter.tag = "nhãn " + w.zipf(2'000);
    });
    with_orders("category, brand and price", [](world& w, product_query& q) {
        q.filter.category = some_category(w), q.filter.brand = "Hãng " + w.zipf(300);
        limit_prices(w, q);
    });
    return out;
}

std::string some_words(world& w, int count)
{
    static const std::vector<std::string> kinds{
        "ao so mi", "quan jean", "vay hoa",       "giay the thao", "dep le",  "non la",
        "tui xach", "khan lua",  "banh dau xanh", "ca phe rang",   "tra sen", "nuoc mam",
        "gao nep",  "mat ong",   "den long",      "am chen"};
    static const std::vector<std::string> colours{"trang", "den",  "do",  "xanh", "vang", "tim",
                                                  "nau",   "hong", "xam", "cam",  "kem",  "bac"};
    static const std::vector<std::string> traits{"cao cap",   "gia re",     "thu cong", "nhap khau",
                                                 "mini",      "chong nuoc", "mua he",   "tre em",
                                                 "van phong", "qua tang"};
    if (count == 1) return w.any(kinds);
    if (count == 2) return w.any(colours) + " " + w.any(kinds);
    return w.any(traits) + " " + w.any(kinds) + " " + w.any(colours);
}

// Goes on behind the first or the fifth page.
void turn_page(world& w, product_query& q)
{
    for (auto pages = 1 + 4 * w.below(2); pages > 0; --pages) {
        const auto page = product_list_store::list(w.on, q).value;
        if (!page.next) return;
        q.from = *decode_cursor(*page.next, fingerprint_of(q));
    }
}

std::vector<shape> search_shapes()
{
    std::vector<shape> out;
    const auto search = [&](const std::string& name, std::function<std::string(world&)> words,
                            std::function<void(world&, product_query&)> more = {}) {
        out.push_back({"search: " + name, [=](world& w) {
                           auto q = plain(product_sort::relevance);
                           q.filter.q = words(w);
                           if (more) more(w, q);
                           return q;
                       }});
    };
    search("kind of goods (33,000 hits)", [](world& w) { return some_words(w, 1); });
    search("two words in another order (3,000 hits)", [](world& w) { return some_words(w, 2); });
    search("three words (300 hits)", [](world& w) { return some_words(w, 3); });
    search(
        "with diacritics, a later page",
        [](world& w) {
            return w.any({"Áo sơ mi trắng", "Nước mắm đỏ", "Túi xách", "mua he van phong"});
        },
        turn_page);
    search("exact SKU", [](world& w) { return w.column("p.sku"); });
    search("exact barcode", [](world& w) { return w.column("v.barcode"); });
    search("part of a SKU", [](world& w) { return w.column("substr(p.sku, 5)"); });
    search("one whole name", [](world& w) { return w.column("p.name"); });
    search("beginning of a word", [](world& w) {
        return w.any({"trang tr", "gia", "the th", "cott", "khau nh", "kho", "ng", "a", "th s"});
    });
    search("in descriptions only", [](world& w) {
        return w.any({"thoang mat", "inox tinh", "lang nghe viet", "giao nhanh", "doi tra hang"});
    });
    search("nothing has it", [](world& w) {
        return w.any({"xyzzy", "khong dau vet", "qqq zzz", "ao so mi plutonium", "trang w9"});
    });
    search("brand's or tag's name", [](world& w) {
        return w.below(2) == 0 ? "hang " + w.zipf(300) : "nhan " + w.zipf(2'000);
    });
    search(
        "words and category",
        [](world& w) { return some_words(w, 1 + static_cast<int>(w.below(3))); },
        [](world& w, product_query& q) { q.filter.category = some_category(w); });
    search(
        "words and tag", [](world& w) { return some_words(w, 1); },
        [](world& w, product_query& q) { q.filter.tag = "nhãn " + w.zipf(2'000); });
    search(
        "words by price", [](world& w) { return some_words(w, 1 + static_cast<int>(w.below(3))); },
        [](world&, product_query& q) { q.sort = product_sort::price; });
    search(
        "words by name, in a price range", [](world& w) { return some_words(w, 1); },
        [](world& w, product_query& q) { q.sort = product_sort::name, limit_prices(w, q); });
    return out;
}

struct cost {
    double wall;
    double cpu;
};

// What the server's process of this connection has run on a processor, in milliseconds; 0 where that cannot be read.
double server_cpu(int pid)
{
    std::ifstream in("/proc/" + std::to_string(pid) + "/schedstat");
    double nanoseconds = 0;
    in >> nanoseconds;
    return nanoseconds / 1e6;
}

cost timed(world& w, const std::function<void()>& f)
{
    const int pid = w.connection.backendpid();
    const double before = server_cpu(pid);
    const auto from = system_clock().steady();
    f();
    const double wall =
        std::chrono::duration<double, std::milli>(system_clock().steady() - from).count();
    return {wall, server_cpu(pid) - before};
}

std::vector<std::string> explained(world& w, const built_sql& sql)
{
    std::vector<std::string> out;
    const auto rows = w.work.exec_params(
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql.text,
        pqxx::prepare::make_dynamic_params(sql.parameters.begin(), sql.parameters.end()));
    for (const auto& row : rows) out.emplace_back(row[0].c_str());
    return out;
}

// The nodes that touch tables and did something, in short.
std::string summary(const std::vector<std::string>& plan)
{
    std::map<std::string, int> used;
    for (const auto& line : plan) {
        const auto at = line.find(" on ");
        const bool scan = line.find("Scan") != std::string::npos &&
                          line.find("CTE Scan") == std::string::npos &&
                          line.find("Subquery Scan") == std::string::npos;
        if (!scan || line.find("never executed") != std::string::npos ||
            line.find("-> ") == std::string::npos)
            continue;
        std::string what = line.substr(line.find("-> ") + 3);
        what = what.substr(0, what.find(" (actual"));
        while (!what.empty() && what.front() == ' ') what.erase(0, 1);
        if (at != std::string::npos && what.find("categories") == std::string::npos &&
            what.find("cluster_head") == std::string::npos &&
            what.find("Function Scan") == std::string::npos)
            ++used[what];
    }
    std::string out;
    for (const auto& [name, times] : used) out += (out.empty() ? "" : "; ") + name;
    return out;
}

double share(std::vector<double> ms, double part)
{
    std::sort(ms.begin(), ms.end());
    return ms[std::min(ms.size() - 1,
                       static_cast<std::size_t>(part * static_cast<double>(ms.size())))];
}

void measure_lists(world& w, int repeats, std::vector<sample>& out)
{
    auto shapes = list_shapes();
    for (auto& s : search_shapes()) shapes.push_back(std::move(s));
    const std::size_t first = out.size();
    for (const auto& s : shapes) out.push_back({s.name, {}, {}, -1, {}});
    for (int i = 0; i < repeats; ++i) {
        for (std::size_t k = 0; k < shapes.size(); ++k) {
            const auto query = shapes[k].make(w);
            const auto took = timed(w, [&] { (void)product_list_store::write_page(w.on, query); });
            auto& s = out[first + k];
            s.ms.push_back(took.wall);
            s.cpu.push_back(took.cpu);
            if (took.cpu > s.worst) {
                s.worst = took.cpu;
                s.slowest = list_sql(query);
            }
        }
    }
}

void measure_reads(world& w, int repeats, std::vector<sample>& out)
{
    const auto add = [&](const std::string& name,
                         std::function<std::function<void()>(world&)> make) {
        sample s{name, {}, {}, -1, {}};
        for (int i = 0; i < repeats; ++i) {
            const auto took = timed(w, make(w));
            s.ms.push_back(took.wall);
            s.cpu.push_back(took.cpu);
        }
        out.push_back(std::move(s));
    };
    add("product by id", [](world& at) {
        const std::vector<std::string> ids{at.column("p.id")};
        return [&at, ids] {
            std::string body;
            append_product(body, *product_store::load(at.on, ids).values.front());
        };
    });
    add("64 products by id, one statement", [](world& at) {
        std::vector<std::string> ids;
        for (int i = 0; i < 64; ++i) ids.push_back(at.column("p.id"));
        return [&at, ids] { (void)product_store::load(at.on, ids); };
    });
    add("slug", [](world& at) {
        const auto slug = at.column("p.slug");
        return [&at, slug] { (void)product_store::find_slug(at.on, slug); };
    });
    add("barcode or SKU", [](world& at) {
        const auto code = at.column(at.below(2) == 0 ? "v.sku" : "v.barcode");
        return [&at, code] { (void)product_store::find_code(at.on, code); };
    });
    using product_list_store::label_kind;
    using product_list_store::label_query;
    const std::vector<status> active{status::active};
    add("tags in use", [active](world& at) {
        const label_query q{label_kind::tag, "", active, 20,
                            at.below(2) == 0 ? "" : "nhãn " + at.zipf(2'000)};
        return [&at, q] { (void)product_list_store::labels(at.on, q); };
    });
    add("200 tags in use that begin so", [active](world& at) {
        const label_query q{label_kind::tag, "nhan " + std::to_string(1 + at.below(9)), active, 200,
                            ""};
        return [&at, q] { (void)product_list_store::labels(at.on, q); };
    });
    add("brands in use", [active](world& at) {
        const label_query q{label_kind::brand, "", active, 20,
                            at.below(2) == 0 ? "" : "Hãng " + at.zipf(300)};
        return [&at, q] { (void)product_list_store::labels(at.on, q); };
    });
}

}  // namespace

int main(int argc, char** argv)
{
    const char* where = std::getenv("KIENG_TEST_DB");
    if (!where)
        return std::fputs("KIENG_TEST_DB is not set: run through bench/explain-million.sh\n",
                          stderr),
               2;
    const int repeats = argc > 1 ? std::max(1, std::atoi(argv[1])) : 60;
    world w(where);
    std::vector<sample> all;
    measure_reads(w, repeats, all);
    measure_lists(w, repeats, all);
    std::printf(
        "| request | median ms | p95 ms | median CPU ms | p95 CPU ms | max CPU ms | what the slowest one read |\n|---|---:|---:|---:|---:|---:|---|\n");
    std::vector<std::pair<std::string, std::vector<std::string>>> plans;
    int over = 0;
    for (const auto& s : all) {
        std::string read;
        if (!s.slowest.text.empty()) {
            auto plan = explained(w, s.slowest);
            read = summary(plan);
            plans.emplace_back(s.name, std::move(plan));
        }
        const double p95 = share(s.cpu, 0.95);
        if (p95 > 20) ++over;
        std::printf("| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %s |\n", s.name.c_str(),
                    share(s.ms, 0.5), share(s.ms, 0.95), share(s.cpu, 0.5), p95, share(s.cpu, 1),
                    read.c_str());
    }
    std::printf(
        "\n%zu kinds of requests, %d times each; %d with a p95 over 20 ms of processor time.\n",
        all.size(), repeats, over);
    if (const char* file = std::getenv("KIENG_PLANS"); file && *file) {
        std::FILE* out = std::fopen(file, "w");
        if (!out) return 1;
        for (const auto& [name, plan] : plans) {
            std::fprintf(out, "== %s\n", name.c_str());
            for (const auto& line : plan) std::fprintf(out, "%s\n", line.c_str());
            std::fputc('\n', out);
        }
        std::fclose(out);
    }
    return over == 0 ? 0 : 1;
}
