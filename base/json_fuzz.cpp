// Whatever bytes come as JSON, reading them ends, and what is taken is written and read back the same.
#include "base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = parse_json(text);
    if (!value) return 0;
    const auto again = parse_json(value->dump());
    if (!again || again->dump() != value->dump()) std::abort();
    const auto read = read_json_object(text, [](object_reader& in) {
        using need = object_reader::need;
        in.text("name", need::required, {.min = 1, .max = 10});
        in.integer("price", need::required, 0, 100);
        in.texts("tags", need::optional, 3, {.min = 1, .max = 5});
        in.time("at", need::optional);
        in.uuid("id", need::optional);
        in.object("seo", need::optional,
                  [](object_reader& seo) { seo.boolean("on", need::optional); });
        in.objects("items", need::optional, 4, [](object_reader& item) {
            item.choice("kind", need::required, {"a", "b"});
        });
    });
    if (!read && read.error().fields.empty()) std::abort();
    return 0;
}
