#include "node/payments/testing.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments::testing {
namespace {

constexpr store::statement kLock{
    "paper_lock",
    "SELECT number, coalesce(account::text, '') AS account, total - paid AS due, refund_due, open FROM paper_orders WHERE id = $1 FOR UPDATE"};
constexpr store::statement kPaid{
    "paper_paid",
    "UPDATE paper_orders SET paid = paid + $2 WHERE id = $1 AND open AND paid < total RETURNING id"};
constexpr store::statement kGivenUp{
    "paper_given_up", "UPDATE paper_orders SET open = false, given_up = $2 WHERE id = $1"};
constexpr store::statement kRefunded{
    "paper_refunded",
    "UPDATE paper_orders SET refunded = refunded + $2, refund_due = greatest(0, refund_due - $2) WHERE id = $1"};

}  // namespace

std::optional<payable> paper_orders::lock(store::tx& on, const std::string& id)
{
    const auto rows = on.exec(kLock, id);
    if (rows.empty()) return std::nullopt;
    payable out;
    out.id = id;
    out.number = rows[0]["number"].as<std::string>();
    out.account = rows[0]["account"].as<std::string>();
    out.due = {rows[0]["due"].as<std::int64_t>(), "VND"};
    out.open = rows[0]["open"].as<bool>();
    out.refund_due = rows[0]["refund_due"].as<std::int64_t>();
    out.standing = out.open ? "pending" : "cancelled";
    return out;
}

bool paper_orders::paid(store::tx& on, const std::string& id, std::int64_t amount,
                        const std::string&)
{
    return !on.exec(kPaid, id, amount).empty();
}

void paper_orders::given_up(store::tx& on, const std::string& id, const std::string& reason)
{
    on.exec(kGivenUp, id, reason);
}

void paper_orders::refunded(store::tx& on, const std::string& id, std::int64_t amount,
                            const std::string&)
{
    on.exec(kRefunded, id, amount);
}

}  // namespace kieng::payments::testing
