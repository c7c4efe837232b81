// Whatever bytes come as a heartbeat or its answer, reading them ends; what is taken is written and read back the same.
#include "cluster/wire/heartbeat_message.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng::cluster;
    using namespace kieng::cluster::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto got = read_heartbeat(text)) {
        const auto written = write_heartbeat(*got);
        const auto again = read_heartbeat(written);
        if (!again || write_heartbeat(*again) != written) std::abort();
    }
    if (const auto got = read_heartbeat_answer(text)) {
        const auto written = write_heartbeat_answer(*got);
        const auto again = read_heartbeat_answer(written);
        if (!again || write_heartbeat_answer(*again) != written) std::abort();
    }
    return 0;
}
