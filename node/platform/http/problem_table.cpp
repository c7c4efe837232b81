// The one total table from failure to HTTP answer. docs/openapi.yaml (x-errors) shows the same; problem_contract_test.py
// compares them.
#include "node/platform/http/problem_table.hpp"

namespace kieng::http {

problem_row problem_row_of(errc code) noexcept
{
    using enum fault_scope;
    using enum retry_where;
    constexpr auto no = committed::no;
    constexpr auto unknown = committed::unknown;
    switch (code) {
    case errc::bad_request:
        return {400, request, no, nowhere, 0, "Yêu cầu không hợp lệ", "Bad request"};
    case errc::malformed_json:
        return {400, request, no, nowhere, 0, "JSON không hợp lệ", "Malformed JSON"};
    case errc::invalid_parameter:
        return {400, request, no, nowhere, 0, "Tham số không hợp lệ", "Invalid parameter"};
    case errc::cursor_invalid:
        return {400, request, no, nowhere, 0, "Con trỏ trang không hợp lệ", "Invalid cursor"};
    case errc::idempotency_key_invalid:
        return {
            400, request, no, nowhere, 0, "Khóa chống lặp không hợp lệ", "Invalid idempotency key"};
    case errc::idempotency_key_missing:
        return {400, request, no, nowhere, 0, "Thiếu khóa chống lặp", "Idempotency key missing"};
    case errc::version_ambiguous:
        return {400, request, no, nowhere, 0, "Hai phiên bản khác nhau", "Two different versions"};
    case errc::version_missing:
        return {
            400, request, no, nowhere, 0, "Thiếu version của đơn hàng", "Order version missing"};
    case errc::version_invalid:
        return {400,
                request,
                no,
                nowhere,
                0,
                "Version của đơn hàng không hợp lệ",
                "Invalid order version"};
    case errc::unauthenticated:
        return {401, request, no, nowhere, 0, "Cần đăng nhập", "Sign in first"};
    case errc::token_invalid:
        return {401, request, no, nowhere, 0, "Mã truy cập không hợp lệ", "Invalid token"};
    case errc::token_expired:
        return {401, request, no, nowhere, 0, "Mã truy cập đã hết hạn", "Token expired"};
    case errc::session_ended:
        return {401, request, no, nowhere, 0, "Phiên đã kết thúc", "Session ended"};
    case errc::token_reused:
        return {401, request, no, nowhere, 0, "Mã làm mới bị dùng lại", "Refresh token used twice"};
    case errc::invalid_credentials:
        return {401, request, no, nowhere, 0, "Sai email hoặc mật khẩu", "Wrong email or password"};
    case errc::signature_invalid:
        return {401, request, no, nowhere, 0, "Chữ ký không hợp lệ", "Invalid signature"};
    case errc::forbidden: return {403, request, no, nowhere, 0, "Không có quyền", "Not allowed"};
    case errc::account_disabled:
        return {403, request, no, nowhere, 0, "Tài khoản đã bị khóa", "Account disabled"};
    case errc::not_found: return {404, request, no, nowhere, 0, "Không tìm thấy", "Not found"};
    case errc::method_not_allowed:
        return {
            405, request, no, nowhere, 0, "Phương thức không được hỗ trợ", "Method not allowed"};
    case errc::not_acceptable:
        return {406, request, no, nowhere, 0, "Không có định dạng phù hợp", "Not acceptable"};
    case errc::request_timeout:
        return {408, request, no, same, 0, "Yêu cầu quá chậm", "Request too slow"};
    case errc::email_taken:
        return {409, request, no, nowhere, 0, "Email đã được dùng", "Email already in use"};
    case errc::slug_taken:
        return {409, request, no, nowhere, 0, "Đường dẫn đã được dùng", "Slug already in use"};
    case errc::sku_taken:
        return {409, request, no, nowhere, 0, "Mã hàng đã được dùng", "SKU already in use"};
    case errc::barcode_taken:
        return {409, request, no, nowhere, 0, "Mã vạch đã được dùng", "Barcode already in use"};
    case errc::version_conflict:
        return {409, request, no, nowhere, 0, "Người khác đã sửa", "Changed by someone else"};
    case errc::status_transition_refused:
        return {409,
                request,
                no,
                nowhere,
                0,
                "Không thể chuyển trạng thái",
                "Status change not allowed"};
    case errc::category_in_use:
        return {409, request, no, nowhere, 0, "Danh mục đang được dùng", "Category in use"};
    case errc::product_has_orders:
        return {409, request, no, nowhere, 0, "Sản phẩm đã có đơn hàng", "Product has orders"};
    case errc::last_owner:
        return {409, request, no, nowhere, 0, "Chủ cửa hàng cuối cùng", "The last owner"};
    case errc::address_limit_reached:
        return {409, request, no, nowhere, 0, "Quá nhiều địa chỉ", "Too many addresses"};
    case errc::price_changed:
        return {409, request, no, nowhere, 0, "Giá đã thay đổi", "Price changed"};
    case errc::insufficient_stock:
        return {409, request, no, nowhere, 0, "Không đủ hàng", "Not enough in stock"};
    case errc::product_unavailable:
        return {409, request, no, nowhere, 0, "Sản phẩm không bán được", "Product not for sale"};
    case errc::invalid_transition:
        return {
            409, request, no, nowhere, 0, "Không thể chuyển trạng thái", "Transition not allowed"};
    case errc::document_closed:
        return {409, request, no, nowhere, 0, "Phiếu đã đóng", "Document closed"};
    case errc::location_in_use:
        return {409, request, no, nowhere, 0, "Kho đang được dùng", "Location in use"};
    case errc::no_open_session:
        return {409, request, no, nowhere, 0, "Chưa mở ca", "No open cash session"};
    case errc::session_already_open:
        return {409, request, no, nowhere, 0, "Ca đã mở", "Cash session already open"};
    case errc::difference_too_large:
        return {409, request, no, nowhere, 0, "Chênh lệch quá lớn", "Difference too large"};
    case errc::already_paid: return {409, request, no, nowhere, 0, "Đã thanh toán", "Already paid"};
    case errc::payment_pending:
        return {409, request, no, nowhere, 0, "Đang chờ thanh toán", "Payment pending"};
    case errc::too_many_payment_attempts:
        return {
            409, request, no, nowhere, 0, "Quá nhiều lần thanh toán", "Too many payment attempts"};
    case errc::refund_too_large:
        return {409, request, no, nowhere, 0, "Hoàn tiền quá số đã thu", "Refund exceeds payment"};
    case errc::return_too_large:
        return {409, request, no, nowhere, 0, "Trả hàng quá số đã mua", "Return exceeds sale"};
    case errc::return_window_closed:
        return {409, request, no, nowhere, 0, "Đã hết hạn trả hàng", "Return window closed"};
    case errc::in_progress:
        return {409, shared, unknown, same, 500, "Đang được xử lý", "Still being done"};
    case errc::abandoned: return {409, request, no, nowhere, 0, "Đã bị hủy bỏ", "Abandoned"};
    case errc::history_changed:
        return {409, shared, no, same, 0, "Lịch sử đã thay đổi", "History changed"};
    case errc::other_incarnation:
        return {409, request, no, same, 0, "Lịch sử khác", "Another history"};
    case errc::payload_too_large:
        return {413, request, no, nowhere, 0, "Nội dung quá lớn", "Body too large"};
    case errc::uri_too_long:
        return {414, request, no, nowhere, 0, "Đường dẫn quá dài", "URL too long"};
    case errc::unsupported_media_type:
        return {415,
                request,
                no,
                nowhere,
                0,
                "Kiểu nội dung không được hỗ trợ",
                "Unsupported media type"};
    case errc::expectation_failed:
        return {417,
                request,
                no,
                nowhere,
                0,
                "Không đáp ứng được yêu cầu Expect",
                "Expectation not supported"};
    case errc::validation_failed:
        return {422, request, no, nowhere, 0, "Dữ liệu chưa hợp lệ", "Please check the input"};
    case errc::idempotency_key_reused:
        return {422,
                request,
                no,
                nowhere,
                0,
                "Khóa chống lặp đã dùng cho yêu cầu khác",
                "Idempotency key used for another request"};
    case errc::weak_password:
        return {422, request, no, nowhere, 0, "Mật khẩu quá yếu", "Password too weak"};
    case errc::password_too_long:
        return {422, request, no, nowhere, 0, "Mật khẩu quá dài", "Password too long"};
    case errc::wrong_password:
        return {422,
                request,
                no,
                nowhere,
                0,
                "Mật khẩu hiện tại không đúng",
                "Current password is wrong"};
    case errc::category_cycle:
        return {
            422, request, no, nowhere, 0, "Danh mục nằm trong chính nó", "Category below itself"};
    case errc::category_too_deep:
        return {422, request, no, nowhere, 0, "Cây danh mục quá sâu", "Category tree too deep"};
    case errc::csv_invalid:
        return {422, request, no, nowhere, 0, "CSV không đọc được", "Unreadable CSV"};
    case errc::money_overflow:
        return {422, request, no, nowhere, 0, "Số tiền quá lớn", "Amount too large"};
    case errc::currency_mixed:
        return {422,
                request,
                no,
                nowhere,
                0,
                "Nhiều loại tiền trong một đơn",
                "Several currencies in one order"};
    case errc::version_required:
        return {428, request, no, nowhere, 0, "Thiếu phiên bản", "Version required"};
    case errc::rate_limited:
        return {429, request, no, same, 1000, "Quá nhiều yêu cầu", "Too many requests"};
    case errc::too_many_attempts:
        return {429, shared, no, same, 60000, "Thử quá nhiều lần", "Too many attempts"};
    case errc::hashing_busy:
        return {429, node, no, other, 1000, "Đăng nhập đang bận", "Sign-in is busy"};
    case errc::stock_busy:
        return {429,
                request,
                no,
                same,
                200,
                "Sản phẩm đang được mua dồn dập",
                "Too many buyers at once"};
    case errc::header_too_large:
        return {431, request, no, nowhere, 0, "Phần đầu quá lớn", "Header too large"};
    case errc::internal_error:
        return {500, node, unknown, other, 0, "Có lỗi xảy ra", "Something went wrong"};
    case errc::not_implemented:
        return {501, request, no, nowhere, 0, "Chưa được hỗ trợ", "Not implemented"};
    case errc::overloaded: return {503, node, no, other, 100, "Máy chủ quá tải", "Too busy"};
    case errc::starting: return {503, node, no, other, 500, "Đang khởi động", "Starting"};
    case errc::draining: return {503, node, no, other, 0, "Đang dừng", "Stopping"};
    case errc::database_unavailable:
        return {503, shared, no, same, 1000, "Cơ sở dữ liệu tạm ngưng", "Database unavailable"};
    case errc::outcome_unknown:
        return {503, shared, unknown, same, 1000, "Chưa rõ kết quả", "Outcome unknown"};
    case errc::gateway_unavailable:
        return {503,
                shared,
                no,
                same,
                1000,
                "Cổng thanh toán không phản hồi",
                "Payment gateway not answering"};
    case errc::version_not_supported:
        return {505,
                request,
                no,
                nowhere,
                0,
                "Phiên bản HTTP không được hỗ trợ",
                "HTTP version not supported"};
    }
    return problem_row_of(errc::internal_error);
}

}  // namespace kieng::http
