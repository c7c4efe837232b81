#include "node/inventory/document.hpp"

#include "base/money.hpp"

#include <array>

namespace kieng::inventory {
namespace {

__extension__ using wide = __int128;

struct kind_row {
    std::string_view name;
    std::string_view prefix;
};

// In the order of the enumerators.
constexpr std::array kKinds{
    kind_row{"receipt", "PN"},     kind_row{"opening", "DK"},  kind_row{"supplier_return", "PT"},
    kind_row{"destruction", "XH"}, kind_row{"transfer", "CK"}, kind_row{"adjustment", "DC"},
    kind_row{"count", "KK"}};
static_assert(kKinds.size() == static_cast<std::size_t>(kLastDocumentKind));

const kind_row& row_of(document_kind kind) noexcept
{
    return kKinds[static_cast<std::size_t>(kind) - 1];
}

piece whole_line(const document_line& from, std::int64_t line, const std::string& location,
                 movement_kind kind, std::int64_t delta)
{
    piece out;
    out.line = line;
    out.variant_id = from.what.variant_id;
    out.location_id = location;
    out.kind = kind;
    out.delta = delta;
    out.unit_cost = from.unit_cost;
    out.lot = from.lot;
    out.expires_on = from.expires_on;
    return out;
}

void append_pieces(std::vector<piece>& out, const document& of, const document_line& line,
                   std::int64_t i)
{
    const auto add = [&](movement_kind kind, std::int64_t delta) {
        out.push_back(whole_line(line, i, of.location_id, kind, delta));
    };
    switch (of.kind) {
    case document_kind::receipt: return add(movement_kind::receive, line.quantity);
    case document_kind::opening: return add(movement_kind::opening, line.quantity);
    case document_kind::supplier_return:
        return add(movement_kind::return_to_supplier, -line.quantity);
    case document_kind::destruction: return add(movement_kind::destroy, -line.quantity);
    case document_kind::adjustment: return add(movement_kind::adjust, line.quantity);
    case document_kind::count:
        return add(movement_kind::adjust, line.quantity - line.expected.value_or(line.quantity));
    case document_kind::transfer:
        add(movement_kind::transfer_out, -line.quantity);
        out.push_back(whole_line(line, i, of.to_location_id.value_or(""),
                                 movement_kind::transfer_in, line.quantity));
        return;
    }
}

}  // namespace

std::string_view name_of(document_kind kind) noexcept
{
    return row_of(kind).name;
}

std::string_view prefix_of(document_kind kind) noexcept
{
    return row_of(kind).prefix;
}

std::optional<document_kind> document_kind_named(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (kKinds[i].name == name) return static_cast<document_kind>(i + 1);
    }
    return std::nullopt;
}

std::vector<std::string_view> document_kind_names()
{
    std::vector<std::string_view> out;
    for (const auto& row : kKinds) out.push_back(row.name);
    return out;
}

std::string_view name_of(document_status status) noexcept
{
    switch (status) {
    case document_status::open: return "open";
    case document_status::done: return "done";
    case document_status::cancelled: return "cancelled";
    }
    return {};
}

std::optional<document_status> document_status_named(std::string_view name) noexcept
{
    for (const auto status :
         {document_status::open, document_status::done, document_status::cancelled}) {
        if (name_of(status) == name) return status;
    }
    return std::nullopt;
}

result<std::optional<std::int64_t>> total_cost(const std::vector<document_line>& lines)
{
    wide sum = 0;
    bool any = false;
    for (const auto& line : lines) {
        if (!line.unit_cost) continue;
        any = true;
        sum += static_cast<wide>(*line.unit_cost) * line.quantity;
        if (sum > kMaxMoney) return failure(errc::money_overflow);
    }
    if (!any) return std::optional<std::int64_t>();
    return std::optional(static_cast<std::int64_t>(sum));
}

std::vector<piece> pieces_of(const document& of)
{
    std::vector<piece> out;
    std::int64_t i = 0;
    for (const auto& line : of.lines) append_pieces(out, of, line, i++);
    return out;
}

std::string line_pointer(std::int64_t line, std::string_view member)
{
    return "/lines/" + std::to_string(line) + "/" + std::string(member);
}

}  // namespace kieng::inventory
