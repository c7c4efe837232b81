#include "node/platform/http/fault_text.hpp"

namespace kieng::http {
namespace {

struct words {
    std::string_view vi;
    std::string_view en;
};

words words_of(fault_code code) noexcept
{
    switch (code) {
    case fault_code::required: return {"Bắt buộc phải có", "Is required"};
    case fault_code::unknown: return {"Không có trường này", "Is not known here"};
    case fault_code::duplicate: return {"Bị lặp lại", "Is given more than once"};
    case fault_code::wrong_type: return {"Sai kiểu dữ liệu", "Has the wrong type"};
    case fault_code::not_null: return {"Không được là null", "Must not be null"};
    case fault_code::out_of_range: return {"Nằm ngoài khoảng cho phép", "Is out of range"};
    case fault_code::too_short: return {"Quá ngắn", "Is too short"};
    case fault_code::too_long: return {"Quá dài", "Is too long"};
    case fault_code::too_few: return {"Quá ít phần tử", "Has too few entries"};
    case fault_code::too_many: return {"Quá nhiều phần tử", "Has too many entries"};
    case fault_code::bad_format: return {"Sai định dạng", "Is malformed"};
    case fault_code::not_one_of:
        return {"Không phải giá trị được phép", "Is not one of the allowed values"};
    case fault_code::unknown_currency:
        return {"Không biết loại tiền này", "Is not a known currency"};
    case fault_code::unknown_category: return {"Không có danh mục này", "Is not a known category"};
    case fault_code::not_a_descendant:
        return {"Không thuộc danh mục đã chọn", "Is not below the category"};
    case fault_code::not_above_price:
        return {"Phải lớn hơn giá bán", "Must be greater than the price"};
    case fault_code::more_than_one_primary:
        return {"Chỉ được có một ảnh chính", "Only one may be primary"};
    case fault_code::unknown_product: return {"Không có sản phẩm này", "Is not a known product"};
    case fault_code::unknown_location: return {"Không có kho này", "Is not a known location"};
    case fault_code::not_enough: return {"Không đủ", "Is not enough"};
    case fault_code::in_the_past: return {"Đã ở trong quá khứ", "Is in the past"};
    case fault_code::sku_mismatch:
        return {"Không khớp với mã hàng của biến thể đầu tiên",
                "Differs from the first variant's SKU"};
    case fault_code::unknown_variant:
        return {"Không phải biến thể của sản phẩm này", "Is not a variant of this product"};
    case fault_code::depends: return {"Cần đi kèm trường khác", "Needs another field"};
    case fault_code::sku_taken: return {"Mã hàng đã được dùng", "SKU is already in use"};
    case fault_code::barcode_taken: return {"Mã vạch đã được dùng", "Barcode is already in use"};
    case fault_code::slug_taken: return {"Đường dẫn đã được dùng", "Slug is already in use"};
    case fault_code::status_transition_refused:
        return {"Không thể chuyển sang trạng thái này", "This status change is not allowed"};
    case fault_code::bad_row: return {"Dòng không đọc được", "The row cannot be read"};
    case fault_code::changed_meanwhile: return {"Người khác vừa sửa", "Was changed meanwhile"};
    case fault_code::syntax: return {"Sai cú pháp", "Is not valid syntax"};
    case fault_code::bad_utf8: return {"Không phải UTF-8", "Is not UTF-8"};
    case fault_code::too_deep: return {"Lồng quá sâu", "Is nested too deep"};
    }
    return {"Không hợp lệ", "Is invalid"};
}

}  // namespace

std::string fault_text(const field_fault& fault, language in)
{
    const auto found = words_of(fault.code);
    std::string text(in == language::vi ? found.vi : found.en);
    if (!fault.allowed.empty()) {
        text += in == language::vi ? "; được phép: " : "; allowed: ";
        text += fault.allowed;
    }
    text += '.';
    return text;
}

}  // namespace kieng::http
