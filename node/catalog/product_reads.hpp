// What the cached reads of products, tags and brands show: query and path in, ready bytes and their tags out.
// A caller without catalog.read_all sees active goods only; what is not for the caller is as if it were not there.
#pragma once

#include "node/catalog/product_service.hpp"
#include "node/platform/cache/response_cache.hpp"
#include "node/platform/http/request.hpp"

namespace kieng::catalog {

// Errors: invalid_parameter, cursor_invalid, not_found (a path that can be nothing's), unauthenticated or forbidden (another status than
// active), database_unavailable, overloaded.
task<result<cache::loaded>> load_list(product_service& products, const http::request& from);
task<result<cache::loaded>> load_product(product_service& products, const http::request& from);
// A slug the product had before is a 308 to the present one.
task<result<cache::loaded>> load_by_slug(product_service& products, const http::request& from);
task<result<cache::loaded>> load_by_code(product_service& products, const http::request& from);
task<result<cache::loaded>> load_tags(product_service& products, const http::request& from);
task<result<cache::loaded>> load_brands(product_service& products, const http::request& from);

// The filters that lists and the export share. Errors: unauthenticated, forbidden.
[[nodiscard]] result<void> read_filter(http::query_reader& in, const http::caller& who,
                                       product_filter& out);

}  // namespace kieng::catalog
