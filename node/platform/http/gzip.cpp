#include "node/platform/http/gzip.hpp"

#include <zlib.h>

namespace kieng::http {

bool is_compressible(std::string_view type) noexcept
{
    const auto media = type.substr(0, type.find(';'));
    return media.starts_with("text/") || media.ends_with("json") || media.ends_with("javascript") ||
           media.ends_with("xml") || media == "application/manifest+json";
}

std::string gzip(std::string_view bytes, int level)
{
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;
    if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int done = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (done != Z_STREAM_END || out.size() >= bytes.size()) return {};
    return out;
}

}  // namespace kieng::http
