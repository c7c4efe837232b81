#include "node/orders/orders.hpp"

#include "node/orders/order_routes.hpp"

#include <iterator>
#include <utility>

namespace kieng::orders {

std::vector<http::route> orders::routes()
{
    auto out = placing_routes({guests_, service_, in_.now, in_.bits});
    auto more = order_routes({guests_, service_, steps_});
    out.insert(out.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
    return out;
}

}  // namespace kieng::orders
