#include "node/inventory/testing.hpp"

using namespace kieng;
using namespace kieng::inventory;

namespace {

constexpr wall_time kNow{std::chrono::microseconds{1'795'000'000'000'000}};  // 2026-11-18
const std::string kId = "01900000-0000-7000-8000-00000000000a";

std::string faults_of(const std::string& body, document_kind kind)
{
    const auto read = read_document(body, kind, kNow);
    if (read.has_value()) return "";
    std::string out(name_of(read.error().code));
    for (const auto& fault : read.error().fields)
        out += " " + fault.pointer + ":" + std::string(name_of(fault.code));
    return out;
}

std::string line(const std::string& members)
{
    return R"({"lines":[{"variantId":")" + kId + "\"" + members + "}]}";
}

}  // namespace

TEST_CASE("each kind has its own name, number and words")
{
    CHECK(document_kind_names().size() == 7);
    for (int i = 1; i <= 7; ++i) {
        const auto kind = static_cast<document_kind>(i);
        CHECK(document_kind_named(name_of(kind)) == kind);
        CHECK(prefix_of(kind).size() == 2);
    }
    CHECK(!document_kind_named("gift"));
    for (int i = 1; i <= 12; ++i) {
        const auto kind = static_cast<movement_kind>(i);
        CHECK(movement_kind_named(name_of(kind)) == kind);
    }
    CHECK(document_status_named("cancelled") == document_status::cancelled);
    CHECK(!document_status_named("lost"));
}

TEST_CASE("a receipt names goods, how many, and what they cost")
{
    const auto read = read_document(
        R"({"supplier":" Công ty Hoa ","note":"a\nb","currency":"USD","lines":[{"productId":")" +
            kId + R"(","quantity":3,"unitCost":250,"lot":"L1","expiresOn":"2027-01-31"}]})",
        document_kind::receipt, kNow);
    REQUIRE(read.has_value());
    CHECK(read->supplier == "Công ty Hoa");
    CHECK(read->currency == "USD");
    CHECK(read->total_cost == 750);
    CHECK(read->lines.at(0).what.product_id == kId);
    CHECK(read->lines.at(0).lot == "L1");
    CHECK(read->lines.at(0).expires_on == "2027-01-31");
}

TEST_CASE("a document that cannot be names every fault by its place")
{
    using enum document_kind;
    CHECK(faults_of("{", receipt).starts_with("malformed_json"));
    CHECK(faults_of("{}", receipt) == "validation_failed /lines:required");
    CHECK(faults_of(R"({"lines":[]})", receipt) == "validation_failed /lines:too_few");
    CHECK(faults_of(R"({"lines":[{"quantity":1}]})", receipt) ==
          "validation_failed /lines/0/variantId:required");
    CHECK(faults_of(R"({"lines":[{"variantId":")" + kId + R"(","productId":")" + kId +
                        R"(","quantity":1}]})",
                    receipt) == "validation_failed /lines/0/productId:duplicate");
    CHECK(faults_of(line(R"(,"quantity":0)"), receipt) ==
          "validation_failed /lines/0/quantity:out_of_range");
    CHECK(faults_of(line(R"(,"quantity":1000000000001)"), receipt) ==
          "validation_failed /lines/0/quantity:out_of_range");
    CHECK(faults_of(line(R"(,"quantity":1.5)"), receipt) ==
          "validation_failed /lines/0/quantity:wrong_type");
    CHECK(faults_of(line(R"(,"quantity":1,"unitCost":-1)"), receipt) ==
          "validation_failed /lines/0/unitCost:out_of_range");
    CHECK(faults_of(line(R"(,"quantity":1,"colour":"red")"), receipt) ==
          "validation_failed /lines/0/colour:unknown");
    CHECK(faults_of(line(R"(,"quantity":1,"expiresOn":"2027-01-31")"), receipt) ==
          "validation_failed /lines/0/expiresOn:depends");
    CHECK(faults_of(line(R"(,"quantity":1,"lot":"L","expiresOn":"2027-02-29")"), receipt) ==
          "validation_failed /lines/0/expiresOn:bad_format");
    CHECK(faults_of(line(R"(,"quantity":1,"lot":"L","expiresOn":"2026-11-17")"), receipt) ==
          "validation_failed /lines/0/expiresOn:in_the_past");
    CHECK(faults_of(line(R"(,"quantity":1,"lot":"L","expiresOn":"2026-11-17")"), opening).empty());
    CHECK(faults_of(line(R"(,"quantity":1,"unitCost":5)"), destruction) ==
          "validation_failed /lines/0/unitCost:unknown");
    CHECK(faults_of(line(R"(,"quantity":1)"), transfer) ==
          "validation_failed /toLocationId:required");
    CHECK(faults_of(line(R"(,"quantityDelta":0)"), adjustment) ==
          "validation_failed /reason:required /lines/0/quantityDelta:out_of_range");
    CHECK(faults_of(R"({"supplier":"  ","lines":[{"variantId":"x","quantity":1}]})", receipt)
              .find("/supplier:too_short") != std::string::npos);
    CHECK(faults_of(R"({"currency":"XYZ","lines":[{"variantId":")" + kId + R"(","quantity":1}]})",
                    receipt) == "validation_failed /currency:unknown_currency");
}

TEST_CASE("costs that no number holds are refused, up to that they are exact")
{
    CHECK(faults_of(line(R"(,"quantity":1000000000000,"unitCost":9000)"), document_kind::receipt)
              .empty());
    CHECK(faults_of(line(R"(,"quantity":1000000000000,"unitCost":9001)"), document_kind::receipt) ==
          "money_overflow");
    CHECK(faults_of(line(R"(,"quantity":1000000000000,"unitCost":9000000000000000)"),
                    document_kind::receipt) == "money_overflow");
    CHECK(*total_cost({}) == std::nullopt);
}

TEST_CASE("what a document moves follows from its kind")
{
    document what;
    what.location_id = "a";
    what.to_location_id = "b";
    document_line one;
    one.what.variant_id = "v";
    one.quantity = 5;
    one.expected = 7;
    what.lines = {one};
    const auto moved = [&](document_kind kind) {
        what.kind = kind;
        std::string out;
        for (const auto& p : pieces_of(what))
            out += std::string(name_of(p.kind)) + " " + p.location_id + " " +
                   std::to_string(p.delta) + ";";
        return out;
    };
    CHECK(moved(document_kind::receipt) == "receive a 5;");
    CHECK(moved(document_kind::opening) == "opening a 5;");
    CHECK(moved(document_kind::supplier_return) == "return_to_supplier a -5;");
    CHECK(moved(document_kind::destruction) == "destroy a -5;");
    CHECK(moved(document_kind::adjustment) == "adjust a 5;");
    CHECK(moved(document_kind::count) == "adjust a -2;");
    CHECK(moved(document_kind::transfer) == "transfer_out a -5;transfer_in b 5;");
}

TEST_CASE("the shop's day begins seven hours before that of Greenwich")
{
    CHECK(shop_day(*from_iso8601("2026-11-20T16:59:59Z")) == "2026-11-20");
    CHECK(shop_day(*from_iso8601("2026-11-20T17:00:00Z")) == "2026-11-21");
}

TEST_CASE("counted lines may say when, but not in the future")
{
    const auto counted = [](const std::string& members) {
        return read_count_lines(line(members), kNow);
    };
    REQUIRE(counted(R"(,"quantity":0)").has_value());
    const auto early = counted(R"(,"quantity":4,"countedAt":"2026-11-18T00:00:00Z")");
    REQUIRE(early.has_value());
    CHECK(early->at(0).counted_at == from_iso8601("2026-11-18T00:00:00Z"));
    const auto ahead = counted(R"(,"quantity":4,"countedAt":"2030-01-01T00:00:00Z")");
    REQUIRE(ahead.has_error());
    CHECK(ahead.error().fields.at(0).pointer == "/lines/0/countedAt");
}

TEST_CASE("rules and locations are read strictly")
{
    const auto code = [](const auto& read) { return name_of(read.error().fields.at(0).code); };
    CHECK(code(read_rules("{}")) == "too_few");
    CHECK(code(read_rules(R"({"lowStockThreshold":-1})")) == "out_of_range");
    CHECK(code(read_rules(R"({"backorder":null})")) == "not_null");
    CHECK(code(read_rules(R"({"colour":1,"version":1})")) == "unknown");
    CHECK(code(read_location("{}", true)) == "required");
    CHECK(code(read_location("{}", false)) == "too_few");
    CHECK(code(read_location(R"({"name":"Kho","code":"Kho 1"})", true)) == "bad_format");
    CHECK(code(read_location(R"({"name":" "})", true)) == "too_short");
    CHECK(read_location(R"({"name":"Kho","address":null})", true).has_value());
}
