#include "node/platform/http/fault_text.hpp"

#include "base/sentence.hpp"

#include <algorithm>
#include <array>

namespace kieng::http {
namespace {

phrase words_of(fault_code code) noexcept
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

// What a fault says is allowed, where symbols do not say it. Faults name it in English; problem_contract_test.py finds those that are
// missing here. '#' stands for a number.
constexpr std::array kAllowedWords{
    phrase{"số nguyên", "integer"},
    phrase{"chuỗi", "string"},
    phrase{"đối tượng JSON", "object"},
    phrase{"danh sách chuỗi", "array of strings"},
    phrase{"danh sách đối tượng JSON", "array of objects"},
    phrase{"không có ký tự điều khiển", "no control characters"},
    phrase{"có ít nhất một ký tự nhìn thấy được", "at least one visible character"},
    phrase{"ký tự ASCII in được, hai đầu không có khoảng trắng",
           "printable ASCII, no space at the ends"},
    phrase{"ký tự ASCII nhìn thấy được", "visible ASCII"},
    phrase{"a-z, 0-9 và dấu gạch nối đơn ở giữa", "a-z, 0-9 and single hyphens between them"},
    phrase{
        "6 đến 20 chữ số, ở giữa có thể có khoảng trắng, dấu chấm hoặc gạch nối, đầu có thể có +",
        "6 to 20 digits, with space, dot or hyphen between them, + in front"},
    phrase{"hai chữ cái in hoa", "two capital letters"},
    phrase{"chữ cái, chữ số, khoảng trắng và gạch nối", "letters, digits, space and hyphen"},
    phrase{"chữ thường, _ và dấu chấm", "small letters, _ and dots"},
    phrase{"chữ thường và _", "small letters and _"},
    phrase{"# ô", "# cells"},
    phrase{"productId hoặc variantId", "productId or variantId"},
    phrase{"chỉ khi trả tiền mặt", "with cash only"},
    phrase{"số tiền phải trả hoặc hơn", "the amount or more"},
    phrase{"đi cùng offline", "with offline"},
    phrase{"đi cùng since", "with since"},
    phrase{"tên một máy trong cụm", "a member's id"},
    phrase{"cộng lại được #", "together #"},
    phrase{"tất cả hàng của đơn đã giao", "all of a shipped order"},
    phrase{"khác fromLocationId", "not fromLocationId"},
    phrase{"một trong hai: notes hoặc counted", "either notes or counted"},
    phrase{"amount cùng currency", "amount and currency"},
    phrase{"ít nhất một trường", "at least 1 member"},
    phrase{"-1000000000000..1000000000000, khác 0", "-1000000000000..1000000000000, not 0"},
};

// Puts '#' in place of the last run of digits, which comes back in `number`.
std::string with_mark(std::string_view text, std::string_view& number)
{
    constexpr std::string_view kDigits = "0123456789";
    const auto last = text.find_last_of(kDigits);
    if (last == std::string_view::npos) return std::string(text);
    const auto before = text.substr(0, last).find_last_not_of(kDigits);
    const auto first = before == std::string_view::npos ? 0 : before + 1;
    number = text.substr(first, last - first + 1);
    return std::string(text.substr(0, first)) + "#" + std::string(text.substr(last + 1));
}

std::string in_vietnamese(std::string_view allowed)
{
    const auto find = [](std::string_view text) {
        return std::find_if(kAllowedWords.begin(), kAllowedWords.end(),
                            [&](const phrase& p) { return p.en == text; });
    };
    if (const auto* exact = find(allowed); exact != kAllowedWords.end())
        return std::string(exact->vi);
    std::string_view number;
    const auto* found = find(with_mark(allowed, number));
    if (found == kAllowedWords.end()) return std::string(allowed);
    std::string text(found->vi);
    if (const auto at = text.find('#'); at != std::string::npos) text.replace(at, 1, number);
    return text;
}

}  // namespace

std::string allowed_text(const field_fault& fault, language in)
{
    const bool is_data = fault.code == fault_code::sku_mismatch;
    return in == language::vi && !is_data ? in_vietnamese(fault.allowed) : fault.allowed;
}

std::string fault_text(const field_fault& fault, language in)
{
    const auto found = words_of(fault.code);
    std::string text(in == language::vi ? found.vi : found.en);
    if (!fault.allowed.empty()) {
        text += in == language::vi ? "; được phép: " : "; allowed: ";
        text += allowed_text(fault, in);
    }
    text += '.';
    return text;
}

}  // namespace kieng::http
