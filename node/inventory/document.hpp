// Stock documents: what is moved by hand, with a number, and what each kind of it moves. Pure: no clock, no database, no JSON.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "node/inventory/stock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::inventory {

inline constexpr std::size_t kMaxDocumentLines = 500;

// The numbers are those of stock_documents.kind and .status.
enum class document_kind : std::uint8_t {
    receipt = 1,
    opening,
    supplier_return,
    destruction,
    transfer,
    adjustment,
    count
};
inline constexpr document_kind kLastDocumentKind = document_kind::count;
enum class document_status : std::uint8_t { open = 1, done, cancelled };

[[nodiscard]] std::string_view name_of(document_kind kind) noexcept;
[[nodiscard]] std::optional<document_kind> document_kind_named(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string_view> document_kind_names();
[[nodiscard]] std::string_view name_of(document_status status) noexcept;
[[nodiscard]] std::optional<document_status> document_status_named(std::string_view name) noexcept;
// What a document's number begins with: PN (phiếu nhập), DK, PT, XH, CK, DC, KK.
[[nodiscard]] std::string_view prefix_of(document_kind kind) noexcept;

struct document_line {
    goods what;                 // of a new line: one of the two ids
    std::int64_t quantity = 0;  // with its sign in an adjustment; what was counted in a count
    std::optional<std::int64_t> unit_cost;
    std::optional<std::string> lot, expires_on;
    std::optional<wall_time> counted_at;  // counts; of a new line: none means now
    std::optional<std::int64_t>
        expected;  // finished counts: what the book said when it was counted
};

struct document {
    std::string id, number;
    document_kind kind = document_kind::receipt;
    document_status status = document_status::done;
    std::string location_id;                    // of a new one: empty for the default location
    std::optional<std::string> to_location_id;  // transfers
    std::optional<std::string> supplier, reason, note;
    std::string currency;
    std::optional<std::int64_t> total_cost;  // minor units of the currency
    std::int64_t version = 1;
    wall_time created_at{}, updated_at{};
    std::optional<std::string> created_by, updated_by;
    std::string node;
    std::vector<document_line> lines;
};

// What all lines that name a cost cost together; nothing if none does. Errors: money_overflow.
[[nodiscard]] result<std::optional<std::int64_t>> total_cost(
    const std::vector<document_line>& lines);

// One movement of a document's line.
struct piece {
    std::int64_t line = 0;  // index into the lines, from 0
    std::string variant_id, location_id;
    movement_kind kind = movement_kind::adjust;
    std::int64_t delta = 0;
    std::optional<std::int64_t> unit_cost;
    std::optional<std::string> lot, expires_on;
};
// What a document moves. A count moves the differences between what was counted and what was expected.
[[nodiscard]] std::vector<piece> pieces_of(const document& of);

// "/lines/3/lot"
[[nodiscard]] std::string line_pointer(std::int64_t line, std::string_view member);

}  // namespace kieng::inventory
