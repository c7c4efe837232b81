// The orders of this shop, as payments need them. Thread safe.
#pragma once

#include "node/orders/order_service.hpp"
#include "node/payments/order_desk.hpp"

namespace kieng::payments {

class shop_orders final : public order_desk {
public:
    explicit shop_orders(orders::order_service& service) : service_(service) {}

    [[nodiscard]] std::optional<payable> lock(store::tx& on, const std::string& id) override;
    [[nodiscard]] bool paid(store::tx& on, const std::string& id, std::int64_t amount,
                            const std::string& actor) override;
    void given_up(store::tx& on, const std::string& id, const std::string& reason) override;
    task<result<void>> check_sight(std::string id, viewer by) override;
    void refunded(store::tx& on, const std::string& id, std::int64_t amount,
                  const std::string& actor) override;

private:
    orders::order_service& service_;
};

}  // namespace kieng::payments
