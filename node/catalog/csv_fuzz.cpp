// Any bytes, in pieces of any size, are read to the same records or refused; never more.
#include "node/catalog/product_csv.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace kieng::catalog;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto count = [text](std::size_t piece) {
        csv_reader reader;
        std::optional<csv_header> header;
        std::size_t records = 0, bytes = 0;
        const auto each = [&](csv_record record) {
            ++records;
            for (const auto& cell : record.cells) bytes += cell.size();
            if (header) {
                (void)read_csv_row(*header, record);
            } else if (auto read = read_csv_header(record)) {
                header = *read;
            }
        };
        bool good = true;
        for (std::size_t at = 0; at < text.size() && good; at += piece)
            good = reader.take(text.substr(at, piece), each);
        if (good) good = reader.finish(each);
        return std::pair(records, good ? bytes : 0);
    };
    if (count(1) != count(size + 1)) std::abort();
    return 0;
}
