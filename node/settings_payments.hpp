// The settings of payments: which providers the shop has, and how patient it is with them.
#pragma once

#include "node/payments/options.hpp"
#include "node/settings_reader.hpp"

namespace kieng::node {

[[nodiscard]] payments::payment_options read_payments(settings_reader& in);

}  // namespace kieng::node
