// What a caller asks of the list of products, and the cursor that goes on where a page ended. Pure values and functions.
#pragma once

#include "node/catalog/product.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

// `oldest` is the export's; it has no name on the wire.
enum class product_sort : std::uint8_t {
    newest = 1,
    name,
    name_down,
    price,
    price_down,
    updated,
    relevance,
    oldest
};
[[nodiscard]] std::string_view name_of(product_sort s) noexcept;
[[nodiscard]] std::optional<product_sort> sort_named(std::string_view name) noexcept;

struct product_filter {
    std::optional<std::string> q;
    std::optional<std::string> category;  // slug or id; goods below it count
    std::optional<std::string> tag;
    std::optional<std::string> brand;
    std::optional<std::int64_t> min_price;
    std::optional<std::int64_t> max_price;
    std::vector<status> statuses;  // the ones asked for and allowed; never empty
};

// Where a page ended: the place of its last row in the order.
struct cursor {
    // Of a search, see product_search_sql.hpp: 0 exact code, 1 name begins so, 2 all words in labels, 3 with the description's; parts of words: 4
    // name begins so, 5 contains. In other orders than relevance 5 stands for parts of words, 0 for whole ones.
    int tier = 0;
    std::string
        key;  // the folded name, the price, microseconds since 1970; empty where the id is the key
    std::string id;
    friend bool operator==(const cursor&, const cursor&) = default;
};

struct product_query {
    product_filter filter;
    product_sort sort = product_sort::newest;
    int limit = 20;
    std::optional<cursor> from;
    bool total = false;
};

// A cursor belongs to one query: `query` names it (filters and sort, see fingerprint_of), and another one refuses the cursor.
[[nodiscard]] std::string encode(const cursor& at, std::string_view query);
// Errors: cursor_invalid.
[[nodiscard]] result<cursor> decode_cursor(std::string_view text, std::string_view query);
// Whether a cursor's key can be one of this order: cursors come from outside.
[[nodiscard]] bool fits(const cursor& at, product_sort sort) noexcept;
// Filters and sort as one text.
[[nodiscard]] std::string fingerprint_of(const product_query& query);

// The same for lists whose place is one text.
[[nodiscard]] std::string encode_place(std::string_view place, std::string_view query);
// Errors: cursor_invalid.
[[nodiscard]] result<std::string> decode_place(std::string_view text, std::string_view query);

struct product_summary {
    std::string id, sku, slug, name, currency;
    std::int64_t price = 0;
    std::optional<std::int64_t> compare_at_price;
    std::optional<std::string> category, subcategory, brand;
    std::vector<std::string> tags;
    std::optional<std::string> image_url;
    std::string image_alt;
    catalog::status status = status::active;
    std::int64_t variant_count = 1, price_version = 1, version = 1;
    wall_time created_at{}, updated_at{};
};

// What stands behind a page's items.
struct page_end {
    std::optional<std::string> next;  // cursor of the next page, none on the last
    std::optional<std::int64_t> total;
    bool total_is_estimate = false;
};
template <class Item>
struct page : page_end {
    std::vector<Item> items;
};

// The end of a page's JSON, from behind the last item on.
void append_end(std::string& out, const page_end& of);
// A page of tags or brands.
void append_page(std::string& out, const page<std::string>& of);

}  // namespace kieng::catalog
