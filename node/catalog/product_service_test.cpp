#include "node/catalog/fold.hpp"
#include "node/catalog/testing.hpp"

#include <set>

using namespace kieng;
using namespace kieng::catalog;
using kieng::catalog::testing::catalogue;
using kieng::catalog::testing::json;
using texts = std::vector<std::string>;

namespace {

std::string text(const json& of, const char* name)
{
    return of.at(name).get<std::string>();
}

}  // namespace

TEST_CASE("a name and a price are enough for a product")
{
    catalogue shop;
    const auto made = shop.made(R"({"name":"  Áo sơ mi trắng ","price":250000})");
    CHECK(made["name"] == "Áo sơ mi trắng");
    CHECK(made["slug"] == "ao-so-mi-trang");
    CHECK(made["sku"] == "AO-SO-MI-TRANG");
    CHECK(made["currency"] == "VND");
    CHECK(made["status"] == "active");
    CHECK(made["version"] == 1);
    CHECK(!made["publishedAt"].is_null());
    CHECK(made["variants"].size() == 1);
    const auto twin = shop.made(R"({"name":"Áo sơ mi trắng","price":250000})");
    CHECK(twin["slug"] == "ao-so-mi-trang-2");
    CHECK(twin["sku"] == "AO-SO-MI-TRANG-2");
    CHECK(shop.made(R"({"name":"ÁO SƠ MI trắng","price":1})")["slug"] == "ao-so-mi-trang-3");
    const auto read = shop.find(text(made, "id"));
    REQUIRE(read.has_value());
    std::string wire;
    append_product(wire, *read);
    CHECK(json::parse(wire) == made);
}

TEST_CASE("a full product comes back as it was sent")
{
    catalogue shop;
    const auto top = shop.category("Thời trang");
    const auto below = shop.category("Áo sơ mi", text(top, "id"));
    const auto made = shop.made(
        R"({"name":"Áo","sku":"A-M","price":250000,"compareAtPrice":300000,"currency":"VND","description":"Dòng 1\nDòng 2",
        "category":"thoi-trang","subcategory":")" +
        text(below, "id") + R"(","tags":["công sở","cotton"],"brand":"Kiềng",
        "images":[{"url":"https://x.vn/1.jpg"},{"url":"/2.jpg","alt":"hai, \"2\"","isPrimary":true}],
        "variants":[{"sku":"A-M","barcode":"893","attributes":{"size":"M","colour":"đỏ"}},{"barcode":"894","attributes":{"size":"L"},"price":260000}],
        "seo":{"title":"Áo","keywords":["áo"]},"status":"draft"})");
    CHECK(made["category"] == "thoi-trang");
    CHECK(made["subcategory"] == "ao-so-mi");
    CHECK(made["subcategoryId"] == below["id"]);
    CHECK(made["images"][1]["isPrimary"] == true);
    CHECK(made["variants"][1]["sku"] == "A-M-2");
    CHECK(made["variants"][0]["attributes"]["colour"] == "đỏ");
    CHECK(made["publishedAt"].is_null());
    CHECK(made["seo"]["description"].is_null());
    const auto read = shop.find(text(made, "id"));
    std::string wire;
    append_product(wire, *read);
    CHECK(json::parse(wire) == made);
    // What PostgreSQL writes of attributes is what we write.
    CHECK(shop.database.sql("SELECT count(*) FROM variants WHERE attributes::text IN ('" +
                            read->fields.variants[0].attributes + "', '" +
                            read->fields.variants[1].attributes + "')") == "2");
    CHECK(shop.patch(text(made, "id"), R"({"version":1,"status":"active"})").has_value());
    CHECK(shop.find(text(made, "id"))->fields.published_at.has_value());
}

TEST_CASE("codes are refused when another product has them")
{
    catalogue shop;
    shop.made(
        R"({"name":"A","price":1,"sku":"S1","slug":"one","variants":[{"barcode":"B1"},{"sku":"S1b","attributes":{"a":"b"}}]})");
    const auto code = [&](const std::string& body) {
        const auto done = shop.create(body);
        REQUIRE(done.has_error());
        return done.error().code;
    };
    CHECK(code(R"({"name":"x","price":1,"slug":"one"})") == errc::slug_taken);
    CHECK(code(R"({"name":"x","price":1,"sku":"S1b"})") == errc::sku_taken);
    CHECK(code(R"({"name":"x","price":1,"variants":[{"barcode":"B1"}]})") == errc::barcode_taken);
    const auto other = shop.made(R"({"name":"B","price":1,"sku":"S2"})");
    const auto taken = shop.patch(text(other, "id"), R"({"version":1,"sku":"S1"})");
    REQUIRE(taken.has_error());
    CHECK(taken.error().code == errc::sku_taken);
    CHECK(taken.error().fields.at(0).pointer == "/sku");
    CHECK(shop.database.sql("SELECT count(*) FROM products") == "2");
}

TEST_CASE("of many who create or take the same code at once, one wins")
{
    catalogue shop;
    const auto mine = text(shop.made(R"({"name":"Mine","price":1,"sku":"MINE"})"), "id");
    std::vector<std::future<result<store::written>>> racing;
    for (int i = 0; i < 12; ++i) {
        if (i % 3 == 2) {
            racing.push_back(shop.io.start([&shop, mine]() -> task<result<store::written>> {
                return shop.products.edit(
                    {}, catalogue::key(), mine,
                    catalogue::change(R"({"version":1,"sku":"SAME","slug":"same"})", form::patch));
            }));
        } else {
            racing.push_back(shop.io.start([&shop]() -> task<result<store::written>> {
                return shop.products.create(
                    {}, catalogue::key(),
                    catalogue::change(R"({"name":"x","price":1,"sku":"SAME","slug":"same"})",
                                      form::create));
            }));
        }
    }
    int won = 0;
    for (auto& one : racing) {
        const auto done = one.get();
        // The four edits are of one product and say the same: the first that gets through counts for all of them.
        if (done.has_value())
            ++won;
        else
            CHECK((done.error().code == errc::slug_taken || done.error().code == errc::sku_taken));
    }
    CHECK((won == 1 || won == 4));
    CHECK(shop.database.sql("SELECT count(*) FROM variants WHERE sku = 'SAME'") == "1");
}

TEST_CASE(
    "concurrent edits of different fields both survive; of the same field one gets both values")
{
    catalogue shop;
    const auto id = text(shop.made(R"({"name":"Áo","price":250000,"tags":["a"]})"), "id");
    REQUIRE(shop.patch(id, R"({"version":1,"price":260000})").has_value());
    const auto merged = shop.patch(id, R"({"version":1,"name":"Áo mới"})");
    REQUIRE(merged.has_value());
    const auto now = json::parse(merged->what.body);
    CHECK(now["price"] == 260000);
    CHECK(now["name"] == "Áo mới");
    CHECK(now["merged"] == json::array({"price"}));
    CHECK(now["version"] == 3);
    const auto clash = shop.patch(id, R"({"version":1,"price":240000,"tags":["b"]})");
    REQUIRE(clash.has_error());
    CHECK(clash.error().code == errc::version_conflict);
    const auto members = json::parse("{" + clash.error().members + "}");
    CHECK(
        members ==
        json::parse(
            R"({"currentVersion":3,"conflicts":[{"field":"price","base":250000,"theirs":260000,"yours":240000}]})"));
    const auto unknown = shop.patch(id, R"({"version":9,"price":240000})");
    REQUIRE(unknown.has_error());
    CHECK(json::parse("{" + unknown.error().members + "}")["conflicts"][0].contains("base") ==
          false);
    CHECK(shop.patch(id, R"({"price":1})").error().code == errc::version_required);
    const auto same = shop.patch(id, R"({"version":3,"price":260000})");
    REQUIRE(same.has_value());
    CHECK(json::parse(same->what.body)["version"] == 3);
    CHECK(!same->pos.has_value());
}

TEST_CASE("a hundred people edit one product at once and nothing is lost")
{
    catalogue shop;
    const auto id = text(shop.made(R"({"name":"Áo","price":1,"tags":[]})"), "id");
    std::vector<std::future<result<store::written>>> racing;
    const texts bodies{
        R"({"version":1,"name":"N"})",        R"({"version":1,"price":2})",
        R"({"version":1,"description":"D"})", R"({"version":1,"tags":["t"]})",
        R"({"version":1,"brand":"B"})",       R"({"version":1,"seo":{"title":"T"}})"};
    for (const auto& body : bodies) {
        racing.push_back(shop.io.start([&shop, id, body]() -> task<result<store::written>> {
            return shop.products.edit({}, catalogue::key(), id,
                                      catalogue::change(body, form::patch));
        }));
    }
    for (auto& one : racing) CHECK(one.get().has_value());
    const auto p = shop.find(id);
    CHECK(p->version == 7);
    CHECK(p->fields.name == "N");
    CHECK(p->fields.price == 2);
    CHECK(p->fields.description == "D");
    CHECK(p->fields.tags == texts{"t"});
    CHECK(p->fields.brand == "B");
    CHECK(p->fields.seo.title == "T");
}

TEST_CASE("PUT puts what is left out back to its default, but keeps slug, SKU, status and currency")
{
    catalogue shop;
    const auto made = shop.made(
        R"({"name":"Áo","price":5,"sku":"A","slug":"s","currency":"USD","compareAtPrice":9,"tags":["t"],"brand":"b",
        "description":"d","images":[{"url":"/i"}],"variants":[{"barcode":"1"},{"attributes":{"a":"b"}}],"seo":{"title":"t"},"status":"draft"})");
    const auto done = shop.replace(text(made, "id"), R"({"version":1,"name":"Áo 2","price":6})");
    REQUIRE(done.has_value());
    const auto now = json::parse(done->what.body);
    CHECK(now["slug"] == "s");
    CHECK(now["sku"] == "A");
    CHECK(now["status"] == "draft");
    CHECK(now["currency"] == "USD");
    CHECK(now["compareAtPrice"].is_null());
    CHECK(now["tags"].empty());
    CHECK(now["brand"].is_null());
    CHECK(now["description"] == "");
    CHECK(now["images"].empty());
    CHECK(now["seo"]["title"].is_null());
    REQUIRE(now["variants"].size() == 1);
    CHECK(now["variants"][0]["id"] == made["variants"][0]["id"]);
    CHECK(now["priceVersion"] == 2);
}

TEST_CASE("codes may change places between the variants of a product")
{
    catalogue shop;
    const auto made = shop.made(
        R"({"name":"A","price":1,"variants":[{"sku":"X","barcode":"1","attributes":{"s":"1"}},{"sku":"Y","barcode":"2","attributes":{"s":"2"}}]})");
    const std::string a = text(made["variants"][0], "id"), b = text(made["variants"][1], "id");
    const auto done = shop.patch(
        text(made, "id"), R"({"version":1,"sku":"Y","variants":[{"id":")" + a +
                              R"(","sku":"Y","barcode":"2","attributes":{"s":"2"}},{"id":")" + b +
                              R"(","sku":"X","barcode":"1","attributes":{"s":"1"}}]})");
    REQUIRE(done.has_value());
    CHECK(json::parse(done->what.body)["variants"][0]["sku"] == "Y");
    const auto p = shop.find(text(made, "id"));
    CHECK(p->fields.variants[0].id == a);
    CHECK(p->fields.variants[0].barcode == "2");
}

TEST_CASE("an old slug leads to the product, until another takes it")
{
    catalogue shop;
    const auto id = text(shop.made(R"({"name":"A","price":1,"slug":"old"})"), "id");
    REQUIRE(shop.patch(id, R"({"version":1,"slug":"new"})").has_value());
    const auto tags = shop.last_tags();
    CHECK(std::set<std::string>(tags.begin(), tags.end()) ==
          std::set<std::string>{"product:" + id, "list:products", "slug:old", "slug:new"});
    const auto look = [&](const std::string& slug) {
        auto got = shop.io.wait([&]() -> task<result<store::seen<product_service::by_slug>>> {
            return shop.products.find_by_slug(slug);
        });
        REQUIRE(got.has_value());
        return std::move(got->value);
    };
    CHECK(look("new").what->id == id);
    CHECK(look("old").what->id == id);
    CHECK(look("old").present_slug == "new");
    CHECK(!look("none").what.has_value());
    const auto other = text(shop.made(R"({"name":"B","price":1,"slug":"old"})"), "id");
    CHECK(look("old").what->id == other);
    REQUIRE(shop.patch(id, R"({"version":2,"slug":"third"})").has_value());
    CHECK(look("new").present_slug == "third");
    REQUIRE(shop.patch(id, R"({"version":3,"slug":"new"})").has_value());
    CHECK(look("new").present_slug == "new");
    CHECK(look("third").present_slug == "new");
}

TEST_CASE("a barcode is looked for before a SKU, exactly")
{
    catalogue shop;
    const auto a = shop.made(R"({"name":"A","price":1,"sku":"777"})");
    const auto b = shop.made(R"({"name":"B","price":1,"sku":"B","variants":[{"barcode":"777"}]})");
    const auto look = [&](const std::string& code) {
        auto got = shop.io.wait([&]() -> task<result<store::seen<product_service::by_code>>> {
            return shop.products.find_by_code(code);
        });
        REQUIRE(got.has_value());
        return std::move(got->value);
    };
    CHECK(look("777").what->id == text(b, "id"));
    CHECK(look("777").by_barcode);
    CHECK(look("B").variant_id == text(b["variants"][0], "id"));
    CHECK(!look("b").what.has_value());
    REQUIRE(shop.remove(text(b, "id"), 1).has_value());
    CHECK(look("777").what->id == text(a, "id"));
    CHECK(shop.remove(text(b, "id")).error().code == errc::not_found);
    CHECK(shop.remove(text(a, "id"), 7).error().code == errc::version_conflict);
    CHECK(shop.database.sql("SELECT count(*) FROM product_labels") == "0");
}

TEST_CASE("prices and versions keep their history")
{
    catalogue shop;
    const auto made =
        shop.made(R"({"name":"A","price":1,"variants":[{},{"attributes":{"a":"b"},"price":5}]})");
    const auto id = text(made, "id");
    REQUIRE(shop.patch(id, R"({"version":1,"price":2})").has_value());
    REQUIRE(shop.patch(id, R"({"version":2,"name":"B"})").has_value());
    const auto two = text(made["variants"][1], "id");
    REQUIRE(shop.patch(id, R"({"version":3,"variants":[{"sku":"A"},{"id":")" + two +
                               R"(","attributes":{"a":"b"},"price":6}]})")
                .has_value());
    CHECK(shop.find(id)->price_version == 3);
    const auto prices =
        shop.io.wait([&]() -> task<result<store::seen<std::vector<product_store::price_change>>>> {
            return shop.products.price_changes(id, INT64_MAX, 0, 10);
        });
    REQUIRE(prices.has_value());
    REQUIRE(prices->value.size() == 2);
    CHECK(prices->value[0].variant_id == two);
    CHECK(prices->value[0].old_price == 5);
    CHECK(prices->value[0].new_price == 6);
    CHECK(prices->value[1].old_price == 1);
    const auto versions =
        shop.io.wait([&]() -> task<result<store::seen<std::vector<product_store::kept_version>>>> {
            return shop.products.versions(id, INT64_MAX, 10);
        });
    REQUIRE(versions.has_value());
    REQUIRE(versions->value.size() == 4);
    CHECK(versions->value[0].version == 4);
    CHECK(versions->value[0].changed == texts{"variants"});
    CHECK(versions->value[3].changed.empty());
    CHECK(json::parse(versions->value[3].product)["price"] == 1);
}

TEST_CASE("a refused change of status and refused rules change nothing")
{
    catalogue shop;
    const auto id = text(shop.made(R"({"name":"A","price":1,"status":"draft"})"), "id");
    CHECK(shop.patch(id, R"({"version":1,"status":"archived"})").error().code ==
          errc::status_transition_refused);
    CHECK(shop.patch(id, R"({"version":1,"category":"none"})").error().fields.at(0) ==
          field_fault{"/category", fault_code::unknown_category, ""});
    CHECK(shop.patch(id, R"({"version":1,"compareAtPrice":1})").error().code ==
          errc::validation_failed);
    shop.category("Một", "", "mot");
    shop.category("Hai", "", "hai");
    CHECK(shop.patch(id, R"({"version":1,"category":"mot","subcategory":"hai"})")
              .error()
              .fields.at(0)
              .code == fault_code::not_a_descendant);
    CHECK(shop.find(id)->version == 1);
}

TEST_CASE("texts are stored composed, however they were typed")
{
    catalogue shop;
    const auto made = shop.made("{\"name\":\"A\xCC\x81o\",\"price\":1,\"tags\":[\"so\xCC\x9B\"]}");
    CHECK(made["name"] == "\xC3\x81o");
    CHECK(made["tags"][0] == "s\xC6\xA1");
}

TEST_CASE("folding here is folding in the database")
{
    catalogue shop;
    const auto rows = shop.database.sql(
        "SELECT string_agg(chr(c) || chr(9) || vn_fold(chr(c)), chr(10)) FROM generate_series(33, 65535) c "
        "WHERE (c < 1328 OR c BETWEEN 7680 AND 7935 OR c BETWEEN 8192 AND 8303 OR c BETWEEN 12352 AND 12543 OR c BETWEEN 19968 AND 20991) "
        "AND c NOT IN (127, 8232, 8233, 133) AND c NOT BETWEEN 128 AND 160");
    std::size_t compared = 0;
    for (std::size_t from = 0; from < rows.size();) {
        const std::size_t end = std::min(rows.find('\n', from), rows.size());
        const std::string line = rows.substr(from, end - from);
        const std::size_t tab = line.find('\t');
        CAPTURE(line);
        CHECK(fold(line.substr(0, tab)) == line.substr(tab + 1));
        ++compared;
        from = end + 1;
    }
    CHECK(compared > 2000);
}
