#include "node/payments/announcement.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::payments {

void announce(store::tx& on, store::event what)
{
    on.announce(std::move(what));
}

}  // namespace kieng::payments
