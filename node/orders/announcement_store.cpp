#include "node/orders/order_announcement.hpp"
#include "node/platform/store/tx.hpp"

#include <utility>

namespace kieng::orders {

void announce(store::tx& on, store::event what)
{
    on.announce(std::move(what));
}

}  // namespace kieng::orders
