// Whatever bytes come as a cursor, reading them ends, and what is accepted is what we would write.
#include "node/catalog/product_query.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::catalog;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = decode_cursor(text, "query")) {
        (void)fits(*read, product_sort::name);
        const auto again = decode_cursor(encode(*read, "query"), "query");
        if (!again || !(*again == *read)) std::abort();
    }
    return 0;
}
