#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/pg_text.hpp"
#include "node/catalog/product_announcement.hpp"
#include "node/catalog/product_change.hpp"
#include "node/catalog/product_query.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace kieng;
using namespace kieng::catalog;

namespace {

make_id numbers()
{
    auto next = std::make_shared<int>(0);
    return [next] { return "id-" + std::to_string(++*next); };
}

product_fields shirt()
{
    product_fields f;
    f.name = "Áo sơ mi";
    f.slug = "ao-so-mi";
    f.sku = "ASM";
    f.price = 250'000;
    f.currency = "VND";
    f.variants = {{"v1", "ASM", std::nullopt, "{}", std::nullopt},
                  {"v2", "ASM-L", "893", R"({"size": "L"})", 260'000}};
    f.tags = {"cotton"};
    return f;
}

std::vector<std::string> names(const std::vector<field>& fields)
{
    std::vector<std::string> out;
    for (const field f : fields) out.emplace_back(name_of(f));
    return out;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a product goes from draft to active to archived and back to active, and no other way")
{
    using enum status;
    const std::set<std::pair<status, status>> allowed{
        {draft, draft},     {draft, active},      {active, active},  {active, draft},
        {active, archived}, {archived, archived}, {archived, active}};
    for (const auto from : {draft, active, archived}) {
        for (const auto to : {draft, active, archived}) {
            CAPTURE(name_of(from));
            CAPTURE(name_of(to));
            CHECK(may_become(from, to) == allowed.contains({from, to}));
        }
    }
}

TEST_CASE("edits of different fields both survive a merge")
{
    const auto base = shirt();
    auto theirs = base, yours = base;
    theirs.price = 260'000;
    yours.name = "Áo sơ mi trắng";
    yours.tags = {"cotton", "trắng"};
    const auto merged = merge(base, theirs, yours);
    CHECK(merged.conflicts.empty());
    CHECK(names(merged.kept) == texts{"price"});
    CHECK(merged.fields.price == 260'000);
    CHECK(merged.fields.name == "Áo sơ mi trắng");
    CHECK(merged.fields.tags.size() == 2);
}

TEST_CASE("every field merges alone and conflicts with itself")
{
    const auto base = shirt();
    const auto set = [](field f, product_fields& to, int which) {
        const std::string text = which == 1 ? "one" : "two";
        switch (f) {
        case field::name: to.name = text; break;
        case field::slug: to.slug = text; break;
        case field::sku: to.sku = to.variants.front().sku = text; break;
        case field::description: to.description = text; break;
        case field::price: to.price = which; break;
        case field::currency: to.currency = which == 1 ? "USD" : "EUR"; break;
        case field::compare_at_price: to.compare_at_price = 300'000 + which; break;
        case field::category: to.category = {text, text}; break;
        case field::subcategory: to.subcategory = {text, text}; break;
        case field::tags: to.tags = {text}; break;
        case field::brand: to.brand = text; break;
        case field::images: to.images = {{"https://x.vn/" + text, "", true}}; break;
        case field::variants: to.variants[1].price = which; break;
        case field::seo: to.seo.title = text; break;
        case field::status: to.status = which == 1 ? status::draft : status::archived; break;
        case field::published_at: to.published_at = wall_time(std::chrono::hours(which)); break;
        }
    };
    for (const field f : kFields) {
        CAPTURE(name_of(f));
        if (f == field::subcategory) continue;  // alone it breaks a rule: see below
        auto theirs = base, yours = base;
        set(f, yours, 1);
        CHECK(names(differing(base, yours)) == texts{std::string(name_of(f))});
        const auto alone = merge(base, base, yours);
        CHECK(alone.conflicts.empty());
        CHECK(same(f, alone.fields, yours));
        set(f, theirs, 1);
        const auto agreed = merge(base, theirs, yours);
        CHECK(agreed.conflicts.empty());
        CHECK(agreed.kept.empty());
        theirs = base;
        set(f, theirs, 2);
        const auto clash = merge(base, theirs, yours);
        CHECK(names(clash.conflicts) == texts{std::string(name_of(f))});
        const auto kept = merge(base, theirs, base);
        CHECK(names(kept.kept) == texts{std::string(name_of(f))});
        CHECK(same(f, kept.fields, theirs));
    }
}

TEST_CASE("a new SKU and a new variant price, by two people, both survive")
{
    const auto base = shirt();
    auto theirs = base, yours = base;
    theirs.variants[1].price = 270'000;
    yours.sku = yours.variants[0].sku = "ASM-TRANG";
    const auto merged = merge(base, theirs, yours);
    REQUIRE(merged.conflicts.empty());
    CHECK(merged.fields.sku == "ASM-TRANG");
    CHECK(merged.fields.variants[0].sku == "ASM-TRANG");
    CHECK(merged.fields.variants[1].price == 270'000);
}

TEST_CASE("edits that merge field by field but break a rule together are a conflict")
{
    auto base = shirt();
    base.compare_at_price = 300'000;
    auto theirs = base, yours = base;
    theirs.price = 290'000;
    yours.compare_at_price = 280'000;
    CHECK(names(merge(base, theirs, yours).conflicts) == texts{"price", "compareAtPrice"});
}

TEST_CASE("a new product gets what is left out")
{
    product_fields empty;
    empty.currency = "VND";
    empty.slug = "ao";
    empty.sku = "AO";
    product_change wanted;
    wanted.name = "Áo";
    wanted.price = 1;
    wanted.images =
        std::vector<image>{{"https://x.vn/1", "", false}, {"https://x.vn/2", "", false}};
    const auto made = apply(empty, wanted, {}, numbers());
    REQUIRE(made.has_value());
    CHECK(made->status == status::active);
    CHECK(made->currency == "VND");
    REQUIRE(made->variants.size() == 1);
    CHECK(made->variants[0].sku == "AO");
    CHECK(made->images[0].primary);
    CHECK(!made->images[1].primary);
}

TEST_CASE(
    "variants are matched by id or SKU, made SKUs avoid the given ones, and unknown ids are faults")
{
    const auto base = shirt();
    product_change wanted;
    wanted.variants = std::vector<variant_input>{
        {std::nullopt, "ASM", std::nullopt, "{}", std::nullopt},
        {"v2", std::nullopt, "894", R"({"size": "L"})", std::nullopt},
        {std::nullopt, std::nullopt, std::nullopt, R"({"size": "M"})", std::nullopt},
        {std::nullopt, "ASM-3", std::nullopt, R"({"size": "S"})", std::nullopt}};
    const auto made = apply(base, wanted, {}, numbers());
    REQUIRE(made.has_value());
    CHECK(made->variants[0].id == "v1");
    CHECK(made->variants[1].id == "v2");
    CHECK(made->variants[1].sku == "ASM-L");
    CHECK(made->variants[1].barcode == "894");
    CHECK(made->variants[2].sku == "ASM-4");
    wanted.variants =
        std::vector<variant_input>{{"v9", std::nullopt, std::nullopt, "{}", std::nullopt}};
    const auto unknown = apply(base, wanted, {}, numbers());
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().fields.at(0) ==
          field_fault{"/variants/0/id", fault_code::unknown_variant, ""});
}

TEST_CASE("the rules that span fields are faults with their place")
{
    const auto fault_of = [](product_change wanted) {
        const auto made = apply(shirt(), wanted, {}, numbers());
        REQUIRE(made.has_error());
        return made.error().fields.at(0);
    };
    product_change c;
    c.compare_at_price = clearable<std::int64_t>(250'000);
    CHECK(fault_of(c).code == fault_code::not_above_price);
    c = {};
    c.images = std::vector<image>{{"https://a", "", true}, {"https://b", "", true}};
    CHECK(fault_of(c).code == fault_code::more_than_one_primary);
    c = {};
    c.sku = "A";
    c.variants = std::vector<variant_input>{{std::nullopt, "B", std::nullopt, "{}", std::nullopt}};
    CHECK(fault_of(c) == field_fault{"/variants/0/sku", fault_code::sku_mismatch, "A"});
    c = {};
    c.variants = std::vector<variant_input>{{std::nullopt, "ASM", std::nullopt, "{}", std::nullopt},
                                            {std::nullopt, "X", std::nullopt, "{}", std::nullopt}};
    CHECK(fault_of(c) == field_fault{"/variants/1/attributes", fault_code::duplicate, ""});
}

TEST_CASE("the price version follows prices only")
{
    const auto base = shirt();
    auto other = base;
    other.name = "x";
    other.compare_at_price = 999'999;
    CHECK(!prices_differ(base, other));
    other.variants[1].price = 1;
    CHECK(prices_differ(base, other));
    other = base;
    other.variants.pop_back();
    CHECK(prices_differ(base, other));
    other = base;
    other.variants.push_back({"v3", "N", std::nullopt, R"({"a": "b"})", std::nullopt});
    CHECK(!prices_differ(base, other));
    other.currency = "USD";
    CHECK(prices_differ(base, other));
}

TEST_CASE("attributes have one written form whatever their order")
{
    CHECK(canonical_attributes({}) == "{}");
    CHECK(canonical_attributes({{"colour", "đỏ"}, {"size", "M\"1"}, {"a", "b"}}) ==
          R"({"a": "b", "size": "M\"1", "colour": "đỏ"})");
}

TEST_CASE("Vietnamese text folds to what people type")
{
    CHECK(fold("Áo Sơ Mi ĐẸP") == "ao so mi dep");
    CHECK(fold("A\xCC\x81o so\xCC\x9B") == "ao so");  // decomposed
    CHECK(slugify("  Áo sơ mi trắng, cổ đức! ") == "ao-so-mi-trang-co-duc");
    CHECK(slugify("茶 !!") == "");
    CHECK(slugify("abc-def", 4) == "abc");
    CHECK(words_of(" Áo  sơ-mi ÁO & 茶 ") == texts{"so", "mi", "ao", "茶"});
    CHECK(words_of("it's 1.5\xC2\xA0kg!") == texts{"it", "s", "1", "5", "kg"});
    CHECK(words_of(" \\ % _ ").empty());
    CHECK(whole_word_pattern("ao") == "% ao %");
    CHECK(word_part_pattern("ao") == "% ao%");
    CHECK(word_part_pattern("100") == "%100%");
    CHECK(lexeme_query({"so", "^it's \\"}) == "'so' & '^it''s \\\\'");
    CHECK(lexeme_query({}) == "");
    CHECK(trim("\xC2\xA0 \t a b \xE3\x80\x80") == "a b");
    CHECK(trim("  ") == "");
    CHECK(may_be_decomposed("a\xCC\x81"));
    CHECK(!may_be_decomposed("Áo sơ mi trắng – 250 000 ₫"));
}

TEST_CASE("single values have their rules")
{
    CHECK(!check_slug("ao-so-mi"));
    for (const char* bad : {"", "-a", "a-", "a--b", "A", "á", "a b"})
        CHECK(check_slug(bad).has_value());
    CHECK(!check_code("A b/1"));
    for (const char* bad : {"", " a", "a ", "á", "a\tb"}) CHECK(check_code(bad).has_value());
    CHECK(check_code(std::string(65, 'a')).has_value());
    CHECK(!check_link("https://x.vn/a.jpg"));
    CHECK(!check_link("/images/a.jpg"));
    for (const char* good :
         {"http://a", "https://u@h:8/x", "https://[::1]/a.jpg", "http://ảnh.vn/á.jpg"})
        CHECK(!check_link(good));
    for (const char* bad :
         {"", "//x.vn", "javascript:1", "/", "/\\x", "https://a b", "ftp://x", "http://",
          "https:///x", "https://:80/x", "https://?x", "https://@/x", "https://a..b"})
        CHECK(check_link(bad).has_value());
    CHECK(check_currency("XXX")->code == fault_code::unknown_currency);
    CHECK(check_currency("vnd")->code == fault_code::bad_format);
    CHECK(check_tag("a|b").has_value());
    CHECK(check_text("\x01", {1, 5})->code == fault_code::bad_format);
    for (const char* unseen : {"\u200B", "\u200B \uFEFF", "\u2060", "\u3164", "\u00AD"})
        CHECK(check_text(unseen, kNameRule)->code == fault_code::bad_format);
    for (const char* seen : {"A\u200B", "☕", "👩‍🍳", ".", "中"})
        CHECK(!check_text(seen, kNameRule));
    CHECK(!check_text("\u200B", kDescriptionRule));
}

TEST_CASE("a cursor belongs to the query that made it and survives the trip")
{
    product_query query;
    query.filter.statuses = {status::active};
    query.sort = product_sort::name;
    const cursor at{0, "áo \"x\"", "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718"};
    const std::string text = encode(at, fingerprint_of(query));
    const auto back = decode_cursor(text, fingerprint_of(query));
    REQUIRE(back.has_value());
    CHECK(*back == at);
    query.filter.tag = "x";
    CHECK(decode_cursor(text, fingerprint_of(query)).has_error());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string broken = text;
        broken[i] = broken[i] == 'A' ? 'B' : 'A';
        (void)decode_cursor(broken, fingerprint_of(query));  // never more than a refusal
        (void)decode_cursor(text.substr(0, i), fingerprint_of(query));
    }
    CHECK(!fits({0, "abc", at.id}, product_sort::price));
    CHECK(fits({0, "12", at.id}, product_sort::price));
    CHECK(!fits({2, "", at.id}, product_sort::newest));
}

TEST_CASE("PostgreSQL's text forms are read")
{
    CHECK(texts_of("{}").empty());
    CHECK(texts_of(R"({a,"b, \"c\" \\",""})") == texts{"a", "b, \"c\" \\", ""});
    CHECK(to_iso8601(time_of("2026-11-20 19:00:00.5+07")) == "2026-11-20T12:00:00.500000Z");
    CHECK(to_iso8601(time_of("2026-11-20 12:00:00+00")) == "2026-11-20T12:00:00.000000Z");
    CHECK_THROWS(static_cast<void>(time_of("yesterday")));
    CHECK_THROWS(static_cast<void>(number_of("1x")));
}

TEST_CASE("an announcement names what the change touches and nothing else")
{
    product before;
    before.id = "p";
    before.fields = shirt();
    auto after = before;
    after.fields.price = 1;
    const texts plain{"product:p", "list:products"};
    CHECK(product_event(&before, &after).tags == plain);
    after.fields.slug = "new";
    CHECK(product_event(&before, &after).tags ==
          texts{"product:p", "list:products", "slug:ao-so-mi", "slug:new"});
    CHECK(product_event(nullptr, &before).tags == texts{"product:p", "list:products", "barcode:893",
                                                        "sku:ASM", "sku:ASM-L", "slug:ao-so-mi",
                                                        "list:tags"});
}
