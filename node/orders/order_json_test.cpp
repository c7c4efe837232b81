#include "node/orders/order_json.hpp"

#include "base/money.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::orders;
using nlohmann::json;

namespace {

const json kGood = json::parse(
    R"({"items":[{"productId":"01926b1e-0000-7000-8000-000000000001","quantity":2,"expectedPrice":250000,"priceVersion":3}],
    "payment":{"method":"cod"},"note":" gọi trước ","customer":{"name":"Hoa","phone":"0987654321"},
    "shippingAddress":{"recipient":"Hoa","phone":"0987654321","line1":"14 Hàng Bạc","province":"Hà Nội"}})");

// The faults of an order whose member at `pointer` is something else (null: left out).
std::vector<field_fault> faults(const char* pointer, const json& value)
{
    json body = kGood;
    const json::json_pointer at{pointer};
    body[at] = value;
    const auto read = read_order(body.dump());
    REQUIRE(read.has_error());
    CHECK(read.error().code == errc::validation_failed);
    return read.error().fields;
}

void check_fault(const char* pointer, const json& value, fault_code code)
{
    CAPTURE(pointer);
    const auto found = faults(pointer, value);
    REQUIRE(found.size() == 1);
    CHECK(found[0].pointer == pointer);
    CHECK(found[0].code == code);
}

}  // namespace

TEST_CASE("an order is read whole")
{
    const auto read = read_order(kGood.dump());
    REQUIRE(read.has_value());
    REQUIRE(read->lines.size() == 1);
    CHECK(read->lines[0].product_id == "01926b1e-0000-7000-8000-000000000001");
    CHECK(read->lines[0].quantity == 2);
    CHECK(read->lines[0].expected_price == 250000);
    CHECK(read->lines[0].price_version == 3);
    CHECK(read->method == payment_method::cod);
    CHECK(json::parse(*read->customer) == kGood["customer"]);
    CHECK(json::parse(*read->shipping_address)["country"] == "VN");
}

TEST_CASE("what an order may not say is named where it stands")
{
    check_fault("/items", json::array(), fault_code::too_few);
    check_fault("/items/0/quantity", 0, fault_code::out_of_range);
    check_fault("/items/0/quantity", 1.5, fault_code::wrong_type);
    check_fault("/items/0/quantity", "2", fault_code::wrong_type);
    check_fault("/items/0/expectedPrice", -1, fault_code::out_of_range);
    check_fault("/items/0/expectedPrice", kMaxMoney + 1, fault_code::out_of_range);
    check_fault("/items/0/price", 1, fault_code::unknown);
    check_fault("/items/0/variantId", "x", fault_code::bad_format);
    check_fault("/payment/method", "shells", fault_code::not_one_of);
    check_fault("/payment/method", "card", fault_code::not_one_of);
    check_fault("/customer/phone", "zero", fault_code::bad_format);
    check_fault("/total", 1, fault_code::unknown);
    check_fault("/userId", "01926b1e-0000-7000-8000-000000000001", fault_code::unknown);
    check_fault("/status", "paid", fault_code::unknown);
    json many = json::array();
    for (int i = 0; i < 201; ++i) many.push_back(kGood["items"][0]);
    check_fault("/items", many, fault_code::too_many);
}

TEST_CASE("what an order must say is asked for")
{
    for (const char* name : {"quantity", "expectedPrice", "priceVersion"}) {
        json body = kGood;
        body["items"][0].erase(name);
        const auto read = read_order(body.dump());
        REQUIRE(read.has_error());
        CHECK(read.error().fields.at(0).code == fault_code::required);
        CHECK(read.error().fields.at(0).pointer == std::string("/items/0/") + name);
    }
    json body = kGood;
    body["items"][0].erase("productId");
    CHECK(read_order(body.dump()).error().fields.at(0).pointer == "/items/0/productId");
    body = kGood;
    body.erase("payment");
    CHECK(read_order(body.dump()).error().fields.at(0).pointer == "/payment");
    CHECK(read_order("{").error().code == errc::malformed_json);
    CHECK(read_order(R"({"items":[],"items":[]})").error().code == errc::malformed_json);
}

TEST_CASE("change is given for cash alone, and for enough of it")
{
    json sale = {{"items", kGood["items"]}};
    CHECK(read_counter_sale(sale.dump()).has_value());
    sale["payments"] = json::parse(R"([{"method":"cash","amount":500000,"tendered":600000}])");
    const auto read = read_counter_sale(sale.dump());
    REQUIRE(read.has_value());
    CHECK(read->payments.at(0).tendered == 600000);
    sale["payments"][0]["tendered"] = 1;
    CHECK(read_counter_sale(sale.dump()).error().fields.at(0).code == fault_code::not_enough);
    sale["payments"][0] = json::parse(R"({"method":"card","amount":1,"tendered":2})");
    CHECK(read_counter_sale(sale.dump()).error().fields.at(0).code == fault_code::depends);
    sale["payments"][0] = json::parse(R"({"method":"cod","amount":1})");
    CHECK(read_counter_sale(sale.dump()).error().fields.at(0).code == fault_code::not_one_of);
    sale.erase("payments");
    sale["soldAt"] = "2026-11-20T09:00:00Z";
    CHECK(read_counter_sale(sale.dump()).error().fields.at(0).code == fault_code::depends);
    sale["offline"] = true;
    CHECK(read_counter_sale(sale.dump()).has_value());
}

TEST_CASE("a step takes what belongs to it and nothing else")
{
    CHECK(read_step("", step_form::plain).has_value());
    CHECK(read_step("{}", step_form::plain).has_value());
    CHECK(read_step(R"({"reason":"x","rowVersion":3})", step_form::plain)->row_version == 3);
    CHECK(read_step(R"({"carrier":"x"})", step_form::plain).has_error());
    CHECK(read_step(R"({"carrier":"GHN","trackingNumber":"1"})", step_form::ship)->carrier ==
          "GHN");
    CHECK(read_step(R"({"amount":0})", step_form::refund).has_error());
    const auto back =
        read_step(R"({"items":[{"line":2,"quantity":1,"restock":false}]})", step_form::give_back);
    REQUIRE(back.has_value());
    CHECK(back->lines.at(0).line == 2);
    CHECK_FALSE(back->lines.at(0).restock);
    CHECK(read_step(R"({"items":[{"line":1,"quantity":1},{"line":1,"quantity":1}]})",
                    step_form::give_back)
              .error()
              .fields.at(0)
              .code == fault_code::duplicate);
}

TEST_CASE("what is written is JSON, with every member at its place")
{
    order of;
    of.id = "01926b1e-0000-7000-8000-000000000001";
    of.number = "DH-261120-000123";
    of.at = status::pending;
    of.currency = "VND";
    of.total = 9'000'000'000'000'000;
    of.note = "\"quoted\"\n";
    order_line line;
    line.name = "Áo \"đẹp\"";
    line.quantity = 1;
    line.unit_price = of.total;
    of.lines.push_back(line);
    const auto body = json::parse(placed_body(of));
    CHECK(body["orderId"] == of.id);
    CHECK(body["statusUrl"] == "/orders/" + of.id + "/status");
    CHECK(body["status"] == "pending");
    CHECK(body["order"]["items"][0]["total"] == of.total);
    CHECK(body["order"]["note"] == *of.note);
    CHECK(body["order"]["expiresAt"].is_null());
    std::string status;
    append_status(status, of);
    CHECK(json::parse(status)["next"] == json::array({"paid", "confirmed", "cancelled", "failed"}));
    CHECK(json::parse(sold_body(of, "[]", 5))["change"] == 5);
}
