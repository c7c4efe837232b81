// Orders as the rest of the node sees them: their parts, wired. Thread safe as its members are.
#pragma once

#include "node/orders/guest_token.hpp"
#include "node/orders/order_service.hpp"
#include "node/orders/order_steps.hpp"
#include "node/platform/http/route.hpp"

#include <string_view>
#include <vector>

namespace kieng::orders {

class orders {
public:
    // `secret`: what guests' tokens are signed with, the same on all nodes. What `in` refers to must outlive this.
    orders(std::string_view secret, const order_service::surroundings& in)
        : guests_(secret),
          service_(in),
          steps_(in),
          in_(in)
    {}

    [[nodiscard]] std::vector<http::route> routes();
    [[nodiscard]] order_service& service() noexcept { return service_; }
    // Refuses orders that wait for their turn.
    void stop() { service_.stop(); }

private:
    guest_tokens guests_;
    order_service service_;
    order_steps steps_;
    const order_service::surroundings in_;
};

}  // namespace kieng::orders
