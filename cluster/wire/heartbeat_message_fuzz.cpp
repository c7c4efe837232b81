// Whatever bytes come as a heartbeat or its answer, reading them ends; what is taken is written and read back the same.
#include "cluster/wire/heartbeat_message.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::cluster::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto got = read_heartbeat(text)) {
        const auto again = read_heartbeat(write_heartbeat(*got));
        if (!again || *again != *got) std::abort();
    }
    if (const auto got = read_heartbeat_answer(text)) {
        const auto again = read_heartbeat_answer(write_heartbeat_answer(*got));
        if (!again || *again != *got) std::abort();
    }
    return 0;
}
