// Whatever bytes come as a push, reading them ends; what is taken can be packed again and reads the same.
#include "cluster/wire/sync_message.hpp"
#include "cluster/wire/sync_packer.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::cluster::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)read_sync_answer(text);
    const auto got = read_sync_message(text);
    if (!got) return 0;
    for (const auto& position : got->positions) {
        sync_packer packer(got->from);
        packer.add(pack(position, got->incarnation));
        const auto push = packer.next();
        const auto again = read_sync_message(push->body);
        if (!again || again->incarnation != got->incarnation || again->from != got->from)
            std::abort();
        const auto& back = again->positions.at(0);
        if (back.pos != position.pos || (!back.fetch && back != position)) std::abort();
    }
    return 0;
}
