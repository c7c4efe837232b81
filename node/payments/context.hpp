// What the services of payments share. All of it outlives them.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/persistence.hpp"
#include "node/payments/options.hpp"
#include "node/payments/order_desk.hpp"
#include "node/payments/providers.hpp"
#include "node/payments/settlement.hpp"

#include <string>

namespace kieng::payments {

struct context {
    identity::persistence where;
    order_desk& orders;
    providers& ways;
    settlement& settle;
    const payment_options& how;
    const clock& now;
    random& bits;
    std::string node;
};

}  // namespace kieng::payments
