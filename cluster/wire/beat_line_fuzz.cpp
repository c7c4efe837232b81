// Whatever bytes come on a peer stream, reading them ends, what is taken is written and read back the same, and nothing opens that was not sealed.
#include "cluster/wire/beat_line.hpp"
#include "cluster/wire/stream_seal.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::cluster::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    line_opener stranger(std::string(32, 'k'));
    if (stranger.open(text)) std::abort();
    const auto got = read_line(text);
    if (!got) return 0;
    line_sealer seal(std::string(32, 'k'));
    line_opener open(std::string(32, 'k'));
    auto sealed = seal.seal(text);
    sealed.pop_back();
    if (open.open(sealed) != text) std::abort();
    if (std::holds_alternative<unknown_line>(*got)) return 0;
    const auto again = read_line(write_line(*got));
    if (!again || *again != *got) std::abort();
    if (const auto* b = std::get_if<beat_line>(&*got)) {
        const std::vector<kieng::cluster::node_id> members{"a", "b", "c"};
        const auto back = to_line(from_line(*b, "a", members), members);
        if (back.pos != b->pos || back.database_age != b->database_age) std::abort();
    }
    return 0;
}
