#include "node/platform/cache/gzip.hpp"

#include <zlib.h>

namespace kieng::cache {

std::string gzip(std::string_view bytes, int level)
{
    constexpr int kGzipWindow = 15 + 16;  // 16: gzip header and trailer
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int outcome = deflate(&stream, Z_FINISH);
    const std::size_t written = stream.total_out;
    deflateEnd(&stream);
    if (outcome != Z_STREAM_END || written >= bytes.size()) return {};
    out.resize(written);
    out.shrink_to_fit();
    return out;
}

}  // namespace kieng::cache
