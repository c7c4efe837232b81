// Wire names (members, headers) stand as they are in both languages; everything else is said in the language of the answer.
#include "node/platform/http/problem_sentences.hpp"

namespace kieng::http {

phrase usual_detail(errc code) noexcept
{
    switch (code) {
    case errc::bad_request:
        return {"Thông điệp HTTP sai quy cách nên kết nối bị đóng.",
                "The HTTP message is faulty, so the connection is closed."};
    case errc::malformed_json:
        return {"Nội dung gửi lên không phải JSON theo RFC 8259.",
                "The body is not JSON as of RFC 8259."};
    case errc::invalid_parameter:
        return {"Một tham số truy vấn hoặc header bị lạ, bị lặp hoặc sai giá trị.",
                "A query parameter or header is unknown, repeated or has a wrong value."};
    case errc::cursor_invalid:
        return {
            "Con trỏ trang bị hỏng hoặc thuộc về một truy vấn khác; hãy bắt đầu lại từ trang đầu.",
            "The cursor is damaged or belongs to another query; start at the first page again."};
    case errc::idempotency_key_invalid:
        return {
            "Idempotency-Key phải có từ 16 đến 100 ký tự ASCII nhìn thấy được, không có khoảng trắng.",
            "Idempotency-Key must have 16 to 100 visible ASCII characters, without spaces."};
    case errc::idempotency_key_missing:
        return {
            "Thao tác này cần header Idempotency-Key để gửi lại mà không bị làm hai lần.",
            "This operation needs the header Idempotency-Key, so that sending it again does it once."};
    case errc::version_ambiguous:
        return {"Phiên bản trong header và trong nội dung khác nhau; hãy gửi một phiên bản thôi.",
                "The header and the body name different versions; send one."};
    case errc::version_missing:
        return {
            "Đơn hàng cần trường version hoặc header Idempotency-Key để gửi lại mà không bị đặt hai lần.",
            "An order needs the field version or the header Idempotency-Key, so that sending it again "
            "orders once."};
    case errc::version_invalid:
        return {
            "Trường version của đơn hàng sai quy cách; field và reason nói sai ở đâu, sai thế nào.",
            "The order's field version is malformed; see field, reason and example."};
    case errc::unauthenticated:
        return {"Hãy đăng nhập và gửi mã truy cập trong header Authorization: Bearer.",
                "Sign in and send the access token in the header Authorization: Bearer."};
    case errc::token_invalid:
        return {
            "Mã truy cập không phải do cửa hàng này cấp, hoặc không đúng loại; hãy đăng nhập lại.",
            "The token was not issued here, or is of the wrong kind; sign in again."};
    case errc::token_expired:
        return {"Hãy đổi mã làm mới lấy mã truy cập mới rồi gửi lại.",
                "Renew it with the refresh token and ask again."};
    case errc::session_ended:
        return {
            "Phiên đã kết thúc vì đăng xuất, đổi mật khẩu, khóa tài khoản hoặc để quá lâu; hãy đăng nhập lại.",
            "The session ended by a sign-out, a new password, a disabled account or after a long "
            "time; sign in again."};
    case errc::token_reused:
        return {
            "Mã làm mới này đã được dùng rồi nên cả phiên bị kết thúc; hãy đăng nhập lại.",
            "This refresh token was used before, so the whole session is ended; sign in again."};
    case errc::invalid_credentials:
        return {"Không có tài khoản với email và mật khẩu này.",
                "There is no account with this email and password."};
    case errc::signature_invalid:
        return {"Thông báo không đến từ cổng thanh toán hoặc đã bị sửa dọc đường.",
                "The message does not come from the payment provider, or was changed on its way."};
    case errc::forbidden:
        return {"Vai trò của tài khoản này không được làm việc đó.",
                "The role of this account may not do that."};
    case errc::account_disabled:
        return {"Chủ cửa hàng đã khóa tài khoản này.", "The owner has disabled this account."};
    case errc::not_found:
        return {"Không có đường dẫn hay đối tượng này, hoặc bạn không được xem.",
                "There is no such path or object, or you may not see it."};
    case errc::method_not_allowed:
        return {
            "Đường dẫn này có, nhưng không nhận phương thức đó; header Allow kể những phương thức được nhận.",
            "This path exists but does not take that method; the header Allow names those it takes."};
    case errc::not_acceptable:
        return {"Không trả lời được ở dạng nào mà header Accept nhận.",
                "No form that the header Accept takes can be answered in."};
    case errc::request_timeout:
        return {"Phần đầu hoặc nội dung không tới kịp nên kết nối bị đóng.",
                "The header or the body did not arrive in time, so the connection is closed."};
    case errc::email_taken:
        return {"Đã có tài khoản với email này.", "There is an account with this email."};
    case errc::slug_taken:
        return {"Đối tượng khác đã dùng đường dẫn này.", "Something else has this slug."};
    case errc::sku_taken:
        return {"Biến thể khác đã dùng mã hàng này.", "Another variant has this SKU."};
    case errc::barcode_taken:
        return {"Biến thể khác đã dùng mã vạch này.", "Another variant has this barcode."};
    case errc::version_conflict:
        return {
            "Người khác đã sửa trong lúc đó; hãy xem conflicts, quyết định rồi gửi lại với currentVersion.",
            "Somebody else changed it meanwhile; look at conflicts, decide, and send it again with "
            "currentVersion."};
    case errc::status_transition_refused:
        return {"Từ trạng thái hiện tại không thể chuyển sang trạng thái đó.",
                "The present status cannot become that one."};
    case errc::category_in_use:
        return {"Danh mục này còn sản phẩm hoặc danh mục con.",
                "The category still has products or subcategories."};
    case errc::product_has_orders:
        return {"Đã có đơn hàng với sản phẩm này nên không xóa được; hãy chuyển sang lưu trữ.",
                "Orders name this product, so it cannot be removed; archive it instead."};
    case errc::last_owner:
        return {"Đây là chủ cửa hàng duy nhất còn hoạt động nên không thể khóa hay đổi vai trò.",
                "This is the only active owner, who cannot be disabled or given another role."};
    case errc::address_limit_reached:
        return {"Một tài khoản giữ tối đa 50 địa chỉ.", "An account keeps 50 addresses at most."};
    case errc::price_changed:
        return {"Giá đã đổi từ lúc xem hàng; items cho biết giá mới.",
                "Prices changed since they were looked at; items has the new ones."};
    case errc::insufficient_stock:
        return {"Không còn đủ hàng; items cho biết còn bao nhiêu. Chưa giữ món nào.",
                "There is not enough left; items says how much there is. Nothing was held."};
    case errc::product_unavailable:
        return {
            "Có sản phẩm không tồn tại, chưa bán hoặc đã ngừng bán; items cho biết là dòng nào.",
            "A product does not exist or is not for sale; items names the lines."};
    case errc::invalid_transition:
        return {"Trạng thái hiện tại không cho phép bước này.",
                "The present status does not allow this step."};
    case errc::document_closed:
        return {"Phiếu đã hoàn tất; muốn sửa, hãy lập phiếu khác.",
                "A finished document is not changed; correct it by another one."};
    case errc::location_in_use:
        return {"Kho này còn hàng, còn hàng đang giữ, còn phiếu đang mở hoặc là kho mặc định.",
                "The location has stock, reservations or open documents, or is the default one."};
    case errc::no_open_session:
        return {"Quầy chưa mở ca nên chưa thu chi tiền mặt được.",
                "The till has no open session, so it cannot take or pay out cash."};
    case errc::session_already_open:
        return {"Quầy đang có ca mở; sessionId là ca đó.",
                "The till has an open session; sessionId names it."};
    case errc::difference_too_large:
        return {"Tiền đếm được lệch quá mức bạn được tự chấp nhận; hãy nhờ quản lý.",
                "The counted cash differs by more than you may accept; a manager may."};
    case errc::already_paid: return {"Không còn gì phải trả.", "Nothing is left to pay."};
    case errc::payment_pending:
        return {"Một lần thanh toán khác đang chạy; paymentId là lần đó.",
                "Another payment is under way; paymentId names it."};
    case errc::too_many_payment_attempts:
        return {"Đơn hàng này đã thử thanh toán quá số lần cho phép.",
                "This order was tried to be paid for too often."};
    case errc::refund_too_large:
        return {"Không thể hoàn nhiều hơn số đã thu trừ số đã hoàn.",
                "No more can be refunded than was taken, less what was refunded."};
    case errc::return_too_large:
        return {
            "Không thể trả nhiều hơn số đã mua trừ số đã trả; items cho biết còn bao nhiêu.",
            "No more can be returned than was bought, less what was returned; items says how much."};
    case errc::return_window_closed:
        return {"Đã quá hạn trả hàng; closedAt là lúc hết hạn.",
                "The time for returning it is over; closedAt says since when."};
    case errc::in_progress:
        return {"Yêu cầu với khóa này đang được xử lý; hãy hỏi lại sau Retry-After.",
                "The request with this key is being worked on; ask again after Retry-After."};
    case errc::abandoned:
        return {"Khóa này đã bị bỏ trước khi yêu cầu tới; không có gì được làm.",
                "The key was given up before this request came; nothing was done."};
    case errc::history_changed:
        return {"Kieng-Token đi trước cơ sở dữ liệu; hãy bỏ nó đi và gửi lại.",
                "The Kieng-Token is ahead of the database; drop it and ask once more."};
    case errc::other_incarnation:
        return {"Yêu cầu thuộc về một lịch sử khác của cụm máy.",
                "The request belongs to another history of the cluster."};
    case errc::payload_too_large:
        return {"Nội dung gửi lên lớn hơn mức thao tác này nhận.",
                "The body is larger than this operation takes."};
    case errc::uri_too_long:
        return {"Đường dẫn cùng truy vấn dài hơn 8192 byte.",
                "Path with query are longer than 8192 bytes."};
    case errc::unsupported_media_type:
        return {"Thao tác này không đọc Content-Type hoặc Content-Encoding đó.",
                "This operation does not read that Content-Type or Content-Encoding."};
    case errc::expectation_failed:
        return {"Header Expect chỉ nhận 100-continue.",
                "The header Expect takes 100-continue only."};
    case errc::validation_failed:
        return {"Có dữ liệu chưa hợp lệ; xem errors.",
                "Some of the input is not valid; see errors."};
    case errc::idempotency_key_reused:
        return {"Khóa này đã dùng cho yêu cầu khác về phương thức, đường dẫn hoặc nội dung.",
                "The key was used for a request with another method, path or body."};
    case errc::weak_password:
        return {"Mật khẩu quá ngắn, trùng với email hoặc quá phổ biến.",
                "The password is too short, the email itself, or one that everybody tries."};
    case errc::password_too_long:
        return {"Mật khẩu dài hơn 72 byte.", "The password is longer than 72 bytes."};
    case errc::wrong_password:
        return {"Mật khẩu hiện tại không đúng; chưa có gì thay đổi.",
                "The current password is not the account's; nothing was changed."};
    case errc::category_cycle:
        return {"Danh mục không thể nằm trong chính nó hoặc trong danh mục con của nó.",
                "A category cannot be below itself or below one of its subcategories."};
    case errc::category_too_deep:
        return {"Cây danh mục có tối đa 8 tầng.", "The tree of categories has 8 levels at most."};
    case errc::csv_invalid:
        return {"Không đọc được dòng tiêu đề của CSV.",
                "The header line of the CSV cannot be read."};
    case errc::money_overflow:
        return {"Tổng tiền vượt quá 9000000000000000.", "A sum is above 9000000000000000."};
    case errc::currency_mixed:
        return {"Mọi dòng của một đơn hàng phải cùng một loại tiền.",
                "All lines of an order must have one currency."};
    case errc::version_required:
        return {
            "Hãy nêu phiên bản bạn bắt đầu sửa, trong trường version hoặc header If-Match; currentVersion là "
            "phiên bản hiện tại.",
            "Name the version the edit started from, in the field version or the header If-Match; "
            "currentVersion is the present one."};
    case errc::rate_limited:
        return {"Gửi quá nhanh; hãy đợi hết Retry-After.", "Too fast; wait for Retry-After."};
    case errc::too_many_attempts:
        return {
            "Đăng nhập sai quá nhiều lần với tài khoản hoặc từ địa chỉ này; hãy đợi hết Retry-After.",
            "Too many attempts to sign in to this account or from this address; wait for Retry-After."};
    case errc::hashing_busy:
        return {"Máy này đang có quá nhiều người đăng nhập cùng lúc; hãy thử máy khác.",
                "Too many sign in at this node at once; try another one."};
    case errc::stock_busy:
        return {"Quá nhiều đơn cùng chờ sản phẩm này; hãy thử lại sau Retry-After.",
                "Too many orders wait for this product; try again after Retry-After."};
    case errc::header_too_large:
        return {"Phần đầu của yêu cầu dài hơn 8192 byte hoặc có quá 100 trường.",
                "The header of the request is over 8192 bytes or 100 fields."};
    case errc::internal_error:
        return {"Máy này gặp lỗi; nhật ký của nó có requestId. Hãy thử máy khác.",
                "This node met a fault; its log has the requestId. Try another node."};
    case errc::not_implemented:
        return {"Máy chủ không hỗ trợ phương thức hoặc cách truyền này.",
                "The server does not support this method or transfer coding."};
    case errc::overloaded:
        return {"Máy này đang có quá nhiều việc; hãy thử máy khác.",
                "This node has too much to do; try another one."};
    case errc::starting:
        return {"Máy này đang khởi động; hãy thử máy khác.",
                "This node is starting; try another one."};
    case errc::draining:
        return {"Máy này đang dừng; hãy thử máy khác.", "This node is stopping; try another one."};
    case errc::database_unavailable:
        return {"Cơ sở dữ liệu không trả lời; hãy thử lại sau Retry-After.",
                "The database does not answer; try again after Retry-After."};
    case errc::outcome_unknown:
        return {
            "Mất liên lạc với cơ sở dữ liệu giữa lúc lưu; hãy gửi lại với cùng khóa, không sợ làm hai lần.",
            "The database was lost while storing; send it again with the same key, which is safe."};
    case errc::gateway_unavailable:
        return {"Cổng thanh toán không trả lời; hãy thử lại sau Retry-After.",
                "The payment gateway does not answer; try again after Retry-After."};
    case errc::version_not_supported:
        return {"Máy chủ chỉ nói HTTP/1.0 và HTTP/1.1.",
                "The server speaks HTTP/1.0 and HTTP/1.1 only."};
    }
    return {"Có lỗi xảy ra.", "Something went wrong."};
}

}  // namespace kieng::http
