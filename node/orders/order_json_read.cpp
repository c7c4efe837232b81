#include "base/json_reader.hpp"
#include "base/json_text.hpp"
#include "base/money.hpp"
#include "node/identity/text_rules.hpp"
#include "node/orders/order_json.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace kieng::orders {
namespace {

using need = object_reader::need;

constexpr std::int64_t kMaxVersion = 9'007'199'254'740'991;
constexpr text_rule kNote{0, 2000, true};

struct words_rule {
    std::size_t max;
    bool (*fits)(std::string_view) noexcept = nullptr;
    const char* allowed = "";
    bool lines = false;
};

// A text without white space at its ends; where it must not be empty, a blank one is too short.
std::optional<std::string> words(object_reader& in, std::string_view name, need n, words_rule rule)
{
    const auto raw = in.text(name, n, {0, rule.max, rule.lines});
    if (!raw) return std::nullopt;
    const auto text = identity::trimmed(*raw);
    if (text.empty()) {
        in.fault(name, fault_code::too_short, "1.." + std::to_string(rule.max));
        return std::nullopt;
    }
    if (rule.fits && !rule.fits(text)) {
        in.fault(name, fault_code::bad_format, rule.allowed);
        return std::nullopt;
    }
    return std::string(text);
}

void add_member(std::string& out, std::string_view name, const std::optional<std::string>& text)
{
    if (!text) return;
    out += out.size() > 1 ? "," : "";
    append_json_string(out, name);
    out += ':';
    append_json_string(out, *text);
}

std::optional<std::string> read_customer(object_reader& in)
{
    std::optional<std::string> out;
    in.object("customer", need::optional, [&](object_reader& who) {
        std::string json = "{";
        add_member(json, "name", words(who, "name", need::optional, {200}));
        add_member(json, "phone",
                   words(who, "phone", need::optional,
                         {30, identity::is_phone, "6 to 19 digits, + . - and spaces"}));
        add_member(
            json, "email",
            words(who, "email", need::optional, {254, identity::is_email, "name@example.vn"}));
        out = json + "}";
    });
    return out;
}

std::optional<std::string> read_shipping_address(object_reader& in)
{
    std::optional<std::string> out;
    in.object("shippingAddress", need::optional, [&](object_reader& to) {
        std::string json = "{";
        add_member(json, "recipient", words(to, "recipient", need::required, {200}));
        add_member(json, "phone",
                   words(to, "phone", need::required,
                         {30, identity::is_phone, "6 to 19 digits, + . - and spaces"}));
        add_member(json, "line1", words(to, "line1", need::required, {200}));
        add_member(json, "line2", words(to, "line2", need::optional, {200}));
        add_member(json, "ward", words(to, "ward", need::optional, {100}));
        add_member(json, "district", words(to, "district", need::optional, {100}));
        add_member(json, "province", words(to, "province", need::required, {100}));
        add_member(json, "postalCode",
                   words(to, "postalCode", need::optional,
                         {20, identity::is_postal_code, "letters, digits, space, hyphen"}));
        add_member(
            json, "country",
            words(to, "country", need::optional, {2, identity::is_country, "two capital letters"})
                .value_or("VN"));
        out = json + "}";
    });
    return out;
}

wanted_line read_line(object_reader& in)
{
    wanted_line out;
    out.product_id = in.uuid("productId", need::optional).value_or("");
    out.variant_id = in.uuid("variantId", need::optional).value_or("");
    if (!in.has("productId") && !in.has("variantId"))
        in.fault("productId", fault_code::required, "productId or variantId");
    out.quantity = in.integer("quantity", need::required, 1, kMaxQuantity).value_or(1);
    out.expected_price = in.integer("expectedPrice", need::required, 0, kMaxMoney).value_or(0);
    out.price_version = in.integer("priceVersion", need::required, 1, kMaxVersion).value_or(1);
    return out;
}

void read_common(object_reader& in, new_order& out)
{
    const bool listed = in.objects("items", need::required, kMaxLines, [&](object_reader& line) {
        out.lines.push_back(read_line(line));
    });
    if (listed && out.lines.empty()) in.fault("items", fault_code::too_few, "1..200");
    out.customer = read_customer(in);
    out.note = in.text("note", need::optional, kNote);
    if (out.note && identity::trimmed(*out.note).empty()) out.note.reset();
    // Its own grammar judges it (order_version.hpp); here only that it is a text.
    out.version = in.text("version", need::optional, {0, 1000});
}

void read_payments(object_reader& in, new_order& out)
{
    const std::vector<std::string_view> methods(kCounterMethods.begin(), kCounterMethods.end());
    in.objects("payments", need::optional, 10, [&](object_reader& one) {
        counter_payment p;
        const auto method = one.choice("method", need::required, methods);
        if (method) p.method = *payment_method_named(*method);
        p.amount = one.integer("amount", need::required, 0, kMaxMoney).value_or(0);
        p.tendered = one.integer("tendered", need::optional, 0, kMaxMoney);
        if (p.tendered && method && p.method != payment_method::cash)
            one.fault("tendered", fault_code::depends, "with cash only");
        else if (p.tendered && *p.tendered < p.amount)
            one.fault("tendered", fault_code::not_enough, "the amount or more");
        out.payments.push_back(p);
    });
    if (!out.payments.empty()) out.method = out.payments.front().method;
}

}  // namespace

result<new_order> read_order(std::string_view body)
{
    new_order out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        read_common(in, out);
        out.shipping_address = read_shipping_address(in);
        in.object("payment", need::required, [&](object_reader& how) {
            const std::vector<std::string_view> methods(kOnlineMethods.begin(),
                                                        kOnlineMethods.end());
            const auto method = how.choice("method", need::required, methods);
            if (method) out.method = *payment_method_named(*method);
        });
    });
    if (!read) return read.error();
    return out;
}

result<new_order> read_counter_sale(std::string_view body)
{
    new_order out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        read_common(in, out);
        read_payments(in, out);
        out.customer_id = in.uuid("customerId", need::optional);
        out.till = words(in, "till", need::optional, {50});
        out.offline = in.boolean("offline", need::optional).value_or(false);
        out.over_stock = in.boolean("overStock", need::optional).value_or(true);
        out.sold_at = in.time("soldAt", need::optional);
        if (out.sold_at && !out.offline) in.fault("soldAt", fault_code::depends, "with offline");
    });
    if (!read) return read.error();
    return out;
}

result<step_input> read_step(std::string_view body, step_form as)
{
    step_input out;
    if (body.empty()) return out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        out.reason = in.text("reason", need::optional, {0, 500});
        if (out.reason && identity::trimmed(*out.reason).empty()) out.reason.reset();
        out.row_version = in.integer("rowVersion", need::optional, 1, kMaxVersion);
        if (as == step_form::ship) {
            out.carrier = words(in, "carrier", need::optional, {100});
            out.tracking_number = words(in, "trackingNumber", need::optional, {100});
        }
        if (as == step_form::give_back) {
            std::set<int> named;
            in.objects("items", need::optional, kMaxLines, [&](object_reader& one) {
                step_input::line l;
                l.line =
                    static_cast<int>(one.integer("line", need::required, 1, kMaxLines).value_or(1));
                l.quantity = one.integer("quantity", need::required, 1, kMaxQuantity).value_or(1);
                l.restock = one.boolean("restock", need::optional).value_or(true);
                if (!named.insert(l.line).second) one.fault("line", fault_code::duplicate);
                out.lines.push_back(l);
            });
        }
        if (as == step_form::refund)
            out.amount = in.integer("amount", need::optional, 1, kMaxMoney);
    });
    if (!read) return read.error();
    return out;
}

}  // namespace kieng::orders
