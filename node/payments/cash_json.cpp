#include "node/payments/cash_json.hpp"

#include "base/json_reader.hpp"
#include "base/json_text.hpp"

#include <set>

namespace kieng::payments {
namespace {

using need = object_reader::need;

constexpr text_rule kTill{.min = 1, .max = 40};
constexpr text_rule kNote{.min = 0, .max = 1000, .lines = true};

void read_notes(object_reader& in, cash_closing& out)
{
    std::set<std::int64_t> seen;
    in.objects("notes", need::optional, kNotes.size(), [&](object_reader& one) {
        const auto value = one.integer("value", need::required, 1, kNotes.front());
        const auto count = one.integer("count", need::required, 0, kMaxNotes);
        if (value && !is_note(*value))
            one.fault("value", fault_code::not_one_of,
                      "500000|200000|100000|50000|20000|10000|5000|2000|1000|500");
        else if (value && !seen.insert(*value).second)
            one.fault("value", fault_code::duplicate);
        if (value && count) out.notes.push_back({*value, *count});
    });
}

// Without the closing brace.
void append_session(std::string& out, const cash_session& s)
{
    out +=
        R"({"id":)" + json_string(s.id) + R"(,"till":)" + json_string(s.till) + R"(,"cashierId":)";
    append_text_or_null(out, s.cashier);
    out += s.open ? R"(,"status":"open")" : R"(,"status":"closed")";
    out += R"(,"recovery":)" + json_bool(s.recovery) + R"(,"currency":)" + json_string(s.currency);
    out += R"(,"openingFloat":)" + std::to_string(s.opening_float) + R"(,"zNumber":)";
    append_optional(out, s.z_number);
    out += R"(,"counted":)";
    append_optional(out, s.counted);
    out += R"(,"difference":)";
    append_optional(out,
                    s.counted ? std::optional(*s.counted - s.expected.value_or(0)) : std::nullopt);
    out += R"(,"notes":[)";
    for (std::size_t i = 0; i < s.notes.size(); ++i) {
        if (i > 0) out += ',';
        out += R"({"value":)" + std::to_string(s.notes[i].value) + R"(,"count":)" +
               std::to_string(s.notes[i].count) + "}";
    }
    out += R"(],"note":)";
    append_text_or_null(out, s.note);
    out += R"(,"approvedBy":)";
    append_text_or_null(out, s.approved_by);
    out += R"(,"closedBy":)";
    append_text_or_null(out, s.closed_by);
    out += R"(,"openedAt":)";
    append_time(out, s.opened_at);
    out += R"(,"closedAt":)";
    if (s.closed_at)
        append_time(out, *s.closed_at);
    else
        out += "null";
    out += R"(,"version":)" + std::to_string(s.version);
}

void append_movement(std::string& out, const drawer_movement& m)
{
    out += R"({"id":)" + std::to_string(m.id) + R"(,"kind":)" + json_string(name_of(m.kind)) +
           R"(,"amount":)" + std::to_string(m.amount) + R"(,"paymentId":)";
    append_text_or_null(out, m.payment_id);
    out += R"(,"refundId":)";
    append_text_or_null(out, m.refund_id);
    out += R"(,"reason":)";
    append_text_or_null(out, m.reason);
    out += R"(,"actorId":)";
    append_text_or_null(out, m.actor);
    out += R"(,"at":)";
    append_time(out, m.at);
    out += "}";
}

}  // namespace

result<cash_opening> read_cash_opening(std::string_view body, const std::string& currency)
{
    cash_opening out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        out.till = in.text("till", need::required, kTill).value_or("");
        out.opening_float = in.integer("openingFloat", need::required, 0, kMaxMoney).value_or(0);
        out.currency = in.text("currency", need::optional, {.min = 3, .max = 3}).value_or(currency);
        if (!currency_exponent(out.currency)) in.fault("currency", fault_code::unknown_currency);
        out.note = in.text("note", need::optional, kNote).value_or("");
    });
    if (!read) return read.error();
    return out;
}

result<cash_transfer> read_cash_transfer(std::string_view body)
{
    cash_transfer out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        const auto kind = in.choice("kind", need::required, {"in", "out"});
        if (kind) out.kind = *kind == "in" ? drawer::cash_in : drawer::cash_out;
        out.amount = in.integer("amount", need::required, 1, kMaxMoney).value_or(1);
        out.reason = in.text("reason", need::required, {.min = 1, .max = 500}).value_or("");
    });
    if (!read) return read.error();
    return out;
}

result<cash_closing> read_cash_closing(std::string_view body)
{
    cash_closing out;
    const auto read = read_json_object(body, [&](object_reader& in) {
        read_notes(in, out);
        out.counted = in.integer("counted", need::optional, 0, kMaxMoney);
        const bool notes = in.has("notes");
        if (notes == in.has("counted"))
            in.fault("counted", notes ? fault_code::depends : fault_code::required,
                     "either notes or counted");
        out.note = in.text("note", need::optional, kNote).value_or("");
        out.accept_difference = in.boolean("acceptDifference", need::optional).value_or(false);
    });
    if (!read) return read.error();
    return out;
}

std::string to_json(const cash_session& what)
{
    std::string out;
    append_session(out, what);
    return out + "}";
}

std::string to_json(const cash_report& what)
{
    std::string out;
    append_session(out, what.of);
    out += what.of.open ? R"(,"report":"X")" : R"(,"report":"Z")";
    out += R"(,"expected":)" + std::to_string(what.of.expected.value_or(what.expected));
    out += R"(,"drawer":[)";
    for (std::size_t i = 0; i < what.drawer.size(); ++i) {
        const auto& one = what.drawer[i];
        out += std::string(i > 0 ? "," : "") + R"({"kind":)" + json_string(name_of(one.kind)) +
               R"(,"count":)" + std::to_string(one.count) + R"(,"amount":)" +
               std::to_string(one.amount) + "}";
    }
    out += R"(],"sales":[)";
    for (std::size_t i = 0; i < what.sales.size(); ++i) {
        const auto& one = what.sales[i];
        out += std::string(i > 0 ? "," : "") + R"({"method":)" + json_string(name_of(one.how)) +
               R"(,"count":)" + std::to_string(one.count) + R"(,"amount":)" +
               std::to_string(one.amount) + "}";
    }
    out += R"(],"movements":[)";
    for (std::size_t i = 0; i < what.movements.size(); ++i) {
        if (i > 0) out += ',';
        append_movement(out, what.movements[i]);
    }
    return out + "]}";
}

}  // namespace kieng::payments
