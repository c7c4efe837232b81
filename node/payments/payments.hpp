// Payments as the rest of the node sees them: their parts, wired.
//
// Life: construct; serve routes(); start() once the database is migrated, on one of the server's io_contexts; stop() while those still run, and
// close() once they do not any more and before they go. Thread safe after construction.
#pragma once

#include "node/identity/audit_service.hpp"
#include "node/orders/guest_token.hpp"
#include "node/orders/order_service.hpp"
#include "node/payments/caretaker.hpp"
#include "node/payments/cash_service.hpp"
#include "node/payments/context.hpp"
#include "node/payments/payment_service.hpp"
#include "node/payments/webhook_service.hpp"
#include "node/platform/http/http_client.hpp"
#include "node/platform/http/route.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::payments {

class payments {
public:
    struct surroundings {
        identity::persistence where;
        order_desk& orders;
        const clock& now;
        random& bits;
        std::string node;         // SERVER_ID
        std::string currency;     // DEFAULT_CURRENCY
        std::string_view secret;  // what guests' tokens are signed with
    };
    payments(payment_options how, const surroundings& in);

    [[nodiscard]] std::vector<http::route> routes();
    [[nodiscard]] payment_service& service() noexcept { return service_; }
    [[nodiscard]] cash_service& drawers() noexcept { return drawers_; }
    // What orders call in their own transactions.
    [[nodiscard]] orders::payment_hooks hooks();

    void start(const executor& on);
    // Takes no more work, and waits until what is under way has ended, no longer than a call to a gateway may take. Not on an I/O thread.
    void stop();
    void close();
    [[nodiscard]] caretaker::figures counts() const noexcept;

private:
    void wake();

    const payment_options how_;
    const std::string currency_;
    const orders::guest_tokens guests_;
    const identity::audit_service log_;
    http::http_client client_;
    providers ways_;
    settlement settle_;
    const context in_;
    webhook_service webhooks_;
    payment_service service_;
    cash_service drawers_;
    order_listener listener_;
    std::atomic<caretaker*> awake_{nullptr};
    std::unique_ptr<caretaker> caretaker_;
};

}  // namespace kieng::payments
