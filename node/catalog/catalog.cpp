#include "node/catalog/catalog.hpp"

#include "node/catalog/category_routes.hpp"
#include "node/catalog/csv_routes.hpp"
#include "node/catalog/product_routes.hpp"

#include <iterator>
#include <utility>

namespace kieng::catalog {

catalog::catalog(std::string currency, store::database& database, store::unit_of_work& work,
                 const clock& now, random& bits)
    : log_(database, now, bits),
      editor_(log_, now, bits, std::move(currency)),
      products_(database, work, editor_),
      categories_(database, work, log_, now, bits),
      imports_(database, work, editor_, categories_)
{}

std::vector<http::route> catalog::routes()
{
    auto out = product_routes(products_);
    for (auto more : {category_routes(categories_), csv_routes(imports_)})
        out.insert(out.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    return out;
}

}  // namespace kieng::catalog
