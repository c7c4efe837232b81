// Whatever bytes come as a position token, reading them ends and accepts none that the signer did not write.
#include "cluster/core/position_token.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    static const kieng::cluster::token_signer signer(std::string(32, 's'));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = signer.read(text)) {
        if (signer.write(*read) != text) std::abort();
    }
    return 0;
}
