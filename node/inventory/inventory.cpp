#include "node/inventory/inventory.hpp"

#include "node/inventory/inventory_routes.hpp"

#include <iterator>
#include <utility>

namespace kieng::inventory {

inventory::inventory(std::string currency, store::database& database, store::unit_of_work& work,
                     const clock& now, random& bits)
    : now_(now),
      log_(database, now, bits),
      stock_(database, work, log_),
      locations_(database, work, log_, now, bits),
      documents_(database, work, document_tools{log_, now, bits, std::move(currency)})
{}

std::vector<http::route> inventory::routes()
{
    auto out = stock_routes(stock_);
    for (auto more : {location_routes(locations_), document_routes(documents_, now_)})
        out.insert(out.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    return out;
}

}  // namespace kieng::inventory
