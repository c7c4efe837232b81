#include "base/result.hpp"

namespace kieng {

std::string_view name_of(fault_code code) noexcept
{
    switch (code) {
    case fault_code::required: return "required";
    case fault_code::unknown: return "unknown";
    case fault_code::duplicate: return "duplicate";
    case fault_code::wrong_type: return "wrong_type";
    case fault_code::not_null: return "not_null";
    case fault_code::out_of_range: return "out_of_range";
    case fault_code::too_short: return "too_short";
    case fault_code::too_long: return "too_long";
    case fault_code::too_few: return "too_few";
    case fault_code::too_many: return "too_many";
    case fault_code::bad_format: return "bad_format";
    case fault_code::not_one_of: return "not_one_of";
    case fault_code::unknown_currency: return "unknown_currency";
    case fault_code::unknown_category: return "unknown_category";
    case fault_code::not_a_descendant: return "not_a_descendant";
    case fault_code::not_above_price: return "not_above_price";
    case fault_code::more_than_one_primary: return "more_than_one_primary";
    case fault_code::unknown_product: return "unknown_product";
    case fault_code::unknown_location: return "unknown_location";
    case fault_code::not_enough: return "not_enough";
    case fault_code::in_the_past: return "in_the_past";
    case fault_code::sku_mismatch: return "sku_mismatch";
    case fault_code::unknown_variant: return "unknown_variant";
    case fault_code::depends: return "depends";
    case fault_code::sku_taken: return "sku_taken";
    case fault_code::barcode_taken: return "barcode_taken";
    case fault_code::slug_taken: return "slug_taken";
    case fault_code::status_transition_refused: return "status_transition_refused";
    case fault_code::bad_row: return "bad_row";
    case fault_code::changed_meanwhile: return "changed_meanwhile";
    case fault_code::syntax: return "syntax";
    case fault_code::bad_utf8: return "bad_utf8";
    case fault_code::too_deep: return "too_deep";
    }
    return "bad_format";
}

}  // namespace kieng
