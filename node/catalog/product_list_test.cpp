#include "node/catalog/pg_text.hpp"
#include "node/catalog/testing.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::catalogue;
using kieng::catalog::testing::json;
using texts = std::vector<std::string>;

namespace {

product_query by(product_sort sort, int limit = 20)
{
    product_query out;
    out.sort = sort;
    out.limit = limit;
    return out;
}

// All pages of a query, by following its cursors.
texts all_ids(catalogue& shop, product_query query)
{
    texts out;
    if (query.filter.statuses.empty()) query.filter.statuses = {status::active};
    for (int pages = 0; pages < 200; ++pages) {
        const auto page = shop.list(query);
        for (const auto& item : page.items) out.push_back(item.id);
        if (!page.next) return out;
        auto at = decode_cursor(*page.next, fingerprint_of(query));
        REQUIRE(at.has_value());
        REQUIRE(fits(*at, query.sort));
        query.from = *at;
    }
    return out;
}

std::string text(const json& of, const char* name)
{
    return of.at(name).get<std::string>();
}

// 60 products over three categories with tags, brands and prices that repeat.
void fill(catalogue& shop)
{
    const auto top = text(shop.category("Trên", "", "tren"), "id");
    shop.category("Giữa", top, "giua");
    shop.category("Khác", "", "khac");
    for (int i = 0; i < 60; ++i) {
        const std::string n = std::to_string(i);
        std::string body = R"({"name":"Áo số )" + std::to_string(i % 7) + R"(","sku":"S)" + n +
                           R"(","price":)" + std::to_string(i % 5 * 100);
        if (i % 3 == 0) body += R"(,"category":"tren","subcategory":"giua")";
        if (i % 3 == 1) body += R"(,"category":"khac")";
        if (i % 3 == 2) body += R"(,"category":"tren")";
        body += R"(,"tags":["t)" + std::to_string(i % 4) + R"("],"brand":"B)" +
                std::to_string(i % 2) + "\"";
        if (i % 10 == 9) body += R"(,"status":"draft")";
        shop.made(body + "}");
    }
}

}  // namespace

TEST_CASE("every order pages through everything once, whatever the filters")
{
    catalogue shop;
    fill(shop);
    using filler = void (*)(product_filter&);
    const std::vector<filler> filters{
        [](product_filter&) {},
        [](product_filter& f) { f.category = "tren"; },
        [](product_filter& f) { f.tag = "t1"; },
        [](product_filter& f) { f.brand = "B1"; },
        [](product_filter& f) { f.min_price = 100, f.max_price = 300; },
        [](product_filter& f) { f.tag = "t2", f.category = "tren"; },
        [](product_filter& f) { f.brand = "B0", f.min_price = 200; },
        [](product_filter& f) { f.q = "ao so 3"; },
        [](product_filter& f) { f.q = "ao", f.tag = "t3"; },
        [](product_filter& f) { f.statuses = {status::draft}; },
        [](product_filter& f) {
            f.statuses = {status::draft, status::active, status::archived};
        },
        [](product_filter& f) {
            f.statuses = {status::draft, status::active, status::archived}, f.category = "giua";
        },
        [](product_filter& f) {
            f.statuses = {status::draft, status::active, status::archived}, f.tag = "t1";
        },
    };
    std::size_t which = 0;
    for (const auto fill_in : filters) {
        CAPTURE(which);
        ++which;
        std::optional<std::set<std::string>> expected;
        for (const auto sort :
             {product_sort::newest, product_sort::name, product_sort::name_down,
              product_sort::price, product_sort::price_down, product_sort::updated,
              product_sort::oldest, product_sort::relevance}) {
            CAPTURE(name_of(sort));
            auto query = by(sort, 7);
            query.filter.statuses = {status::active};
            fill_in(query.filter);
            if (sort == product_sort::relevance && !query.filter.q) continue;
            const auto paged = all_ids(shop, query);
            const std::set<std::string> distinct(paged.begin(), paged.end());
            CHECK(distinct.size() == paged.size());
            if (!expected) expected = distinct;
            CHECK(distinct == *expected);
            query.limit = 200;
            CHECK(all_ids(shop, query) == paged);
            query.total = true;
            CHECK(shop.list(query).total == static_cast<std::int64_t>(paged.size()));
        }
        CHECK(!expected->empty());
    }
}

TEST_CASE("orders are what they say")
{
    catalogue shop;
    shop.made(R"({"name":"đũa","price":3})");
    shop.made(R"({"name":"Ấm","price":1})");
    shop.made(R"({"name":"Bát","price":2})");
    CHECK(shop.names(by(product_sort::newest)) == texts{"Bát", "Ấm", "đũa"});
    CHECK(shop.names(by(product_sort::name)) == texts{"Ấm", "Bát", "đũa"});
    CHECK(shop.names(by(product_sort::name_down, 5)) == texts{"đũa", "Bát", "Ấm"});
    CHECK(shop.names(by(product_sort::price)) == texts{"Ấm", "Bát", "đũa"});
    CHECK(shop.names(by(product_sort::price_down)) == texts{"đũa", "Bát", "Ấm"});
    const auto first = shop.list(by(product_sort::price)).items.at(0);
    REQUIRE(shop.patch(first.id, R"({"version":1,"brand":"x"})").has_value());
    CHECK(shop.names(by(product_sort::updated)).front() == "Ấm");
}

TEST_CASE("paging misses nothing that was there throughout, while goods come, change and go")
{
    catalogue shop;
    texts stay;
    for (int i = 0; i < 30; ++i) {
        auto made = shop.made(R"({"name":"P)" + std::to_string(i) + R"(","price":)" +
                              std::to_string(i) + "}");
        stay.push_back(text(made, "id"));
    }
    auto query = by(product_sort::price, 4);
    query.filter.statuses = {status::active};
    texts seen;
    for (int page = 0; page < 30; ++page) {
        const auto got = shop.list(query);
        for (const auto& item : got.items) seen.push_back(item.id);
        if (!got.next) break;
        query.from = *decode_cursor(*got.next, fingerprint_of(query));
        shop.made(R"({"name":"new","price":)" + std::to_string(page * 3) + "}");
        if (page == 3) REQUIRE(shop.remove(seen.front()).has_value());
    }
    for (const auto& id : stay) CHECK(std::count(seen.begin(), seen.end(), id) == 1);
}

TEST_CASE("search ignores case and diacritics, takes words in any order and codes first")
{
    catalogue shop;
    const auto make = [&](const std::string& name, const std::string& more = "") {
        shop.made(R"({"name":")" + name + R"(","price":1)" + more + "}");
    };
    make("Áo sơ mi trắng", R"(,"description":"vải lanh thoáng mát")");
    make("Quần sơ mi áo kiểu");
    make("Áo sơ mi");
    make("Giày", R"(,"brand":"Bước Đều","tags":["mùa hè"],"sku":"GIAY-42")");
    make("Mũ lanh");
    make("Dép GIAY-42 mẫu");
    CHECK(shop.search("ao so mi") == texts{"Áo sơ mi", "Áo sơ mi trắng", "Quần sơ mi áo kiểu"});
    CHECK(shop.search("ÁO SƠ MI") == shop.search("ao so mi"));
    CHECK(shop.search("mi so") == texts{"Áo sơ mi", "Quần sơ mi áo kiểu", "Áo sơ mi trắng"});
    CHECK(shop.search("trang ao") == texts{"Áo sơ mi trắng"});
    CHECK(shop.search("GIAY-42") == texts{"Giày"});
    CHECK(shop.search("GIAY-42 mau") == texts{"Dép GIAY-42 mẫu"});
    CHECK(shop.search("giay-42") == texts{"Dép GIAY-42 mẫu", "Giày"});
    CHECK(shop.search("buoc deu") == texts{"Giày"});
    CHECK(shop.search("mua he") == texts{"Giày"});
    CHECK(shop.search("lanh") == texts{"Mũ lanh", "Áo sơ mi trắng"});
    CHECK(shop.search("thoang ao") == texts{"Áo sơ mi trắng"});
    CHECK(shop.search("rang") == texts{"Áo sơ mi trắng"});
    CHECK(shop.search("khong co").empty());
    for (const char* odd :
         {"%", "_", "\\", "'", "!!", "&|", "a'b\"c", ":*", "()", "x%", "<->", "áo & !mi", "茶"}) {
        CAPTURE(odd);
        CHECK(shop.search(odd).size() <= 6);
    }
}

TEST_CASE("goods with the last word as a part come behind those that have it whole")
{
    catalogue shop;
    int number = 0;
    for (const std::string name : {"Áo tra", "Áo trắng", "Áo sơ mi trắng tinh", "Quần tranh"})
        shop.made(R"({"name":")" + name + R"(","price":1,"sku":"MA-0077-)" +
                  std::to_string(++number) + R"("})");
    CHECK(shop.search("ao tra") == texts{"Áo tra", "Áo trắng", "Áo sơ mi trắng tinh"});
    CHECK(shop.search("ao tran") == texts{"Áo trắng", "Áo sơ mi trắng tinh"});
    CHECK(shop.search("tran ao").empty());
    CHECK(shop.search("ran") == texts{"Quần tranh", "Áo sơ mi trắng tinh", "Áo trắng"});
    CHECK(shop.search("ao t") == texts{"Áo tra", "Áo trắng", "Áo sơ mi trắng tinh"});
    CHECK(shop.search("077-").size() == 4);
    CHECK(shop.search("a-077") == texts{});
    // Page by page the same, through all tiers, and as many as it says.
    for (const std::string q : {"ao tra", "tra", "ao", "ran", "0077"}) {
        CAPTURE(q);
        auto all = by(product_sort::relevance);
        all.filter.q = q;
        all.total = true;
        all.filter.statuses = {status::active};
        const auto whole = shop.list(all);
        texts seen, expected;
        for (const auto& item : whole.items) expected.push_back(item.name);
        CHECK(whole.total == static_cast<std::int64_t>(expected.size()));
        all.limit = 1;
        for (auto page = shop.list(all);; page = shop.list(all)) {
            for (const auto& item : page.items) seen.push_back(item.name);
            if (!page.next) break;
            all.from = *decode_cursor(*page.next, fingerprint_of(all));
        }
        CHECK(seen == expected);
    }
    CHECK(shop.search("tra") == texts{"Áo tra", "Quần tranh", "Áo sơ mi trắng tinh", "Áo trắng"});
    auto query = by(product_sort::name_down);
    query.filter.q = "ao tran";
    CHECK(shop.names(query) == texts{"Áo trắng", "Áo sơ mi trắng tinh"});
    query.total = true;
    query.filter.statuses = {status::active};
    CHECK(shop.list(query).total == 2);
}

TEST_CASE("a walk and a gathering find the same in the same order")
{
    catalogue shop;
    // More goods than a walk looks at, so that pages come from both ways.
    (void)shop.database.sql(R"sql(
        INSERT INTO products (id, status, price, variant_count, currency, sku, slug, name, brand, tags, labels, description)
        SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 2, n % 50, 1, 'VND', 's' || n, 's' || n,
               CASE WHEN n % 5 = 0 THEN 'Mũ len ' ELSE 'Áo len ' END || n, 'Nhà', ARRAY['t' || n % 700], 'Nhà t' || n % 700,
               CASE WHEN n % 900 = 0 THEN 'thật hiếm' ELSE '' END
          FROM generate_series(1, 6000) n RETURNING 1)sql");
    const auto expected = [&](const std::string& where, const std::string& order) {
        std::istringstream all(shop.database.sql("SELECT string_agg(id::text, ' ' ORDER BY " +
                                                 order + ") FROM products WHERE " + where));
        return texts(std::istream_iterator<std::string>(all), {});
    };
    using filler = void (*)(product_filter&);
    const std::vector<std::pair<filler, std::string>> searches{
        {[](product_filter& f) { f.q = "len", f.tag = "t7"; }, "tags = '{t7}'"},
        {[](product_filter& f) { f.q = "mu len", f.tag = "t5"; },
         "tags = '{t5}' AND name LIKE 'Mũ%'"},
        {[](product_filter& f) { f.q = "len mu", f.max_price = 0; },
         "price = 0 AND name LIKE 'Mũ%'"},
        {[](product_filter& f) { f.q = "that hiem"; }, "description <> ''"},
        {[](product_filter& f) { f.q = "hiem mu"; }, "description <> '' AND name LIKE 'Mũ%'"},
        {[](product_filter& f) { f.q = "len t699"; }, "tags = '{t699}'"},
        {[](product_filter& f) {
             f.q = "ao len 59";
             f.brand = "Nhà";
         },
         "name = 'Áo len 59'"},
        {[](product_filter& f) {
             f.q = "ao le";
             f.tag = "t3";
         },
         "tags = '{t3}' AND name LIKE 'Áo%'"},
    };
    const std::vector<std::pair<product_sort, std::string>> orders{
        {product_sort::newest, "id DESC"},
        {product_sort::name, "name_fold, id"},
        {product_sort::name_down, "name_fold DESC, id DESC"},
        {product_sort::price, "price, id"},
        {product_sort::updated, "updated_at DESC, id DESC"}};
    std::size_t which = 0;
    for (const auto& [fill_in, where] : searches) {
        CAPTURE(which);
        ++which;
        for (const auto& [sort, order] : orders) {
            CAPTURE(order);
            auto query = by(sort, 3);
            fill_in(query.filter);
            CHECK(all_ids(shop, query) == expected(where, order));
        }
        auto query = by(product_sort::relevance, 3);
        fill_in(query.filter);
        // Behind whole words this order has those that begin so.
        const bool goes_on = query.filter.q == "ao len 59";
        auto found = all_ids(shop, query);
        auto all = expected(goes_on ? "name LIKE 'Áo len 59%'" : where, "id");
        std::sort(found.begin(), found.end());
        CHECK(found == all);
    }
}

TEST_CASE("pages of a search go on where they ended while goods are added that it finds")
{
    catalogue shop;
    texts stay;
    for (int i = 0; i < 24; ++i)
        stay.push_back(
            text(shop.made(R"({"name":")" + std::string(i % 2 == 0 ? "Áo trắng " : "Bộ áo trắng ") +
                           std::to_string(i) + R"(","price":1})"),
                 "id"));
    for (const std::string question : {"ao trang", "ao tran"}) {
        for (const auto sort :
             {product_sort::newest, product_sort::name, product_sort::relevance}) {
            auto query = by(sort, 5);
            query.filter.q = question;
            query.filter.statuses = {status::active};
            texts seen;
            for (int page = 0; page < 30; ++page) {
                const auto got = shop.list(query);
                for (const auto& item : got.items) seen.push_back(item.id);
                if (!got.next) break;
                query.from = *decode_cursor(*got.next, fingerprint_of(query));
                shop.made(R"({"name":"Áo trắng mới","price":1})");
                // Now whole words find something: pages of parts go on with parts.
                if (question == "ao tran" && sort == product_sort::relevance)
                    shop.made(R"({"name":"Áo tran","price":1})");
            }
            CAPTURE(question);
            CAPTURE(name_of(sort));
            for (const auto& id : stay) CHECK(std::count(seen.begin(), seen.end(), id) == 1);
        }
    }
}

TEST_CASE("a category finds what is below it, by slug or id, and an unknown one nothing")
{
    catalogue shop;
    const auto top = shop.category("Thời trang");
    const auto middle = shop.category("Áo", text(top, "id"));
    shop.category("Áo dài", text(middle, "id"));
    shop.category("Thời trang nhà", "", "thoi-trang-nha");
    shop.made(R"({"name":"a","price":1,"category":"thoi-trang"})");
    shop.made(R"({"name":"b","price":1,"category":"thoi-trang","subcategory":"ao"})");
    shop.made(R"({"name":"c","price":1,"category":"ao","subcategory":"ao-dai"})");
    shop.made(R"({"name":"d","price":1,"category":"thoi-trang-nha"})");
    const auto within = [&](const std::string& category) {
        auto query = by(product_sort::name);
        query.filter.category = category;
        return shop.names(query);
    };
    CHECK(within("thoi-trang") == texts{"a", "b", "c"});
    CHECK(within(text(middle, "id")) == texts{"b", "c"});
    CHECK(within("ao-dai") == texts{"c"});
    CHECK(within("none").empty());
}

TEST_CASE("tags and brands in use are those of goods one may see")
{
    catalogue shop;
    shop.made(R"({"name":"a","price":1,"tags":["Mùa hè","cotton"],"brand":"Sen"})");
    const auto draft =
        shop.made(R"({"name":"b","price":1,"tags":["mùa đông"],"brand":"Ẩn","status":"draft"})");
    const auto labels = [&](product_list_store::label_query query) {
        auto got = shop.io.wait([&]() -> task<result<store::seen<page<std::string>>>> {
            return shop.products.labels(query);
        });
        REQUIRE(got.has_value());
        return std::move(got->value);
    };
    using product_list_store::label_kind;
    const std::vector<status> all{status::draft, status::active, status::archived},
        active{status::active};
    CHECK(labels({label_kind::tag, "", active, 20, ""}).items == texts{"cotton", "Mùa hè"});
    CHECK(labels({label_kind::tag, "mua", all, 20, ""}).items == texts{"mùa đông", "Mùa hè"});
    const auto first = labels({label_kind::tag, "", all, 1, ""});
    CHECK(first.items == texts{"cotton"});
    CHECK(labels({label_kind::tag, "", all, 5, *first.next}).items == texts{"mùa đông", "Mùa hè"});
    CHECK(labels({label_kind::brand, "", active, 20, ""}).items == texts{"Sen"});
    REQUIRE(shop.patch(text(draft, "id"), R"({"version":1,"status":"active","brand":null})")
                .has_value());
    CHECK(labels({label_kind::brand, "", all, 20, ""}).items == texts{"Sen"});
    CHECK(labels({label_kind::tag, "", active, 20, ""}).items ==
          texts{"cotton", "mùa đông", "Mùa hè"});
}

TEST_CASE("pages read in one statement are those read one by one, and say what the summaries say")
{
    catalogue shop;
    fill(shop);
    shop.made(
        R"({"name":"Quote \" and \\ back","price":7,"compareAtPrice":9,"tags":["a,b","c\"d\\e","{}","null"]})");
    std::vector<product_query> asked;
    for (const auto sort : {product_sort::newest, product_sort::name, product_sort::name_down,
                            product_sort::price, product_sort::price_down, product_sort::updated}) {
        for (const int limit : {7, 20}) {
            auto query = by(sort, limit);
            query.filter.statuses = {limit == 7 ? status::active : status::draft};
            for (int pages = 0; pages < 20; ++pages) {
                REQUIRE(product_list_store::is_shareable(query));
                asked.push_back(query);
                const auto page = shop.list(query);
                if (!page.next) break;
                query.from = *decode_cursor(*page.next, fingerprint_of(query));
            }
        }
    }
    asked.push_back(asked.front());
    using product_list_store::written_page;
    std::function<std::vector<written_page>(store::tx&)> one_by_one = [&](store::tx& on) {
        std::vector<written_page> out;
        for (const auto& query : asked)
            out.push_back(product_list_store::write_page(on, query).value);
        return out;
    };
    std::function<store::loaded<written_page>(store::tx&)> together = [&](store::tx& on) {
        return product_list_store::write_pages(on, asked);
    };
    const auto single = shop.io.wait([&]() -> task<result<std::vector<written_page>>> {
        co_return co_await shop.db.query(one_by_one);
    });
    const auto shared = shop.io.wait([&]() -> task<result<store::loaded<written_page>>> {
        co_return co_await shop.db.query(together);
    });
    REQUIRE(single.has_value());
    REQUIRE(shared.has_value());
    CHECK(shared->pos > 0);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        CAPTURE(i);
        REQUIRE(shared->values[i].has_value());
        CHECK(shared->values[i]->body == (*single)[i].body);
        CHECK(shared->values[i]->ids == (*single)[i].ids);
        const auto page = shop.list(asked[i]);
        const auto body = json::parse((*single)[i].body);
        CHECK(body.contains("nextCursor") == page.next.has_value());
        REQUIRE(body["items"].size() == page.items.size());
        for (std::size_t k = 0; k < page.items.size(); ++k) {
            const auto& item = body["items"][k];
            const auto& want = page.items[k];
            CHECK(text(item, "id") == want.id);
            CHECK(text(item, "name") == want.name);
            CHECK(item["price"].get<std::int64_t>() == want.price);
            CHECK(item["compareAtPrice"].is_null() == !want.compare_at_price.has_value());
            CHECK(item["category"].is_null() == !want.category.has_value());
            CHECK(item["tags"].get<texts>() == want.tags);
            CHECK(item["image"].is_null());
            CHECK(text(item, "createdAt") == to_wire_time(want.created_at));
            CHECK(text(item, "updatedAt") == to_wire_time(want.updated_at));
        }
    }
}

TEST_CASE("times and arrays of PostgreSQL become JSON byte by byte")
{
    const auto time = [](std::string_view of) {
        std::string out;
        append_json_time(out, of);
        return out;
    };
    CHECK(time("2026-11-20 12:00:00+00") == R"("2026-11-20T12:00:00.000Z")");
    CHECK(time("2026-11-20 12:00:00.1+00") == R"("2026-11-20T12:00:00.100Z")");
    CHECK(time("2026-11-20 12:00:00.12+00") == R"("2026-11-20T12:00:00.120Z")");
    CHECK(time("2026-11-20 12:00:00.123456+00") == R"("2026-11-20T12:00:00.123Z")");
    CHECK(time("2026-11-20 19:00:00.5+07") == R"("2026-11-20T12:00:00.500Z")");
    const auto array = [](std::string_view of) {
        std::string out;
        append_json_texts(out, of);
        return out;
    };
    CHECK(array("{}") == "[]");
    CHECK(array(R"({a,"b c",NULL,"NULL"})") == R"(["a","b c","","NULL"])");
    CHECK(array(R"({"a\"b","\\",""})") == R"(["a\"b","\\",""])");
    CHECK_THROWS(array("a"));
    CHECK_THROWS(array(R"({"a)"));
}
