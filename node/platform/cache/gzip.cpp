#include "node/platform/cache/gzip.hpp"

#include <zlib.h>

#include <new>

namespace kieng::cache {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 16: gzip header and trailer

}  // namespace

std::string gzip(std::string_view bytes, int level)
{
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

struct gzip_stream::state {
    z_stream with{};

    std::string run(std::string_view bytes, int flush)
    {
        std::string out;
        char room[16'384];
        with.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        with.avail_in = static_cast<uInt>(bytes.size());
        do {
            with.next_out = reinterpret_cast<Bytef*>(room);
            with.avail_out = sizeof room;
            deflate(&with, flush);
            out.append(room, sizeof room - with.avail_out);
        } while (with.avail_out == 0);
        return out;
    }
};

gzip_stream::gzip_stream(int level) : state_(std::make_unique<state>())
{
    if (deflateInit2(&state_->with, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
}

gzip_stream::~gzip_stream()
{
    deflateEnd(&state_->with);
}

std::string gzip_stream::add(std::string_view bytes)
{
    return state_->run(bytes, Z_NO_FLUSH);
}

std::string gzip_stream::finish()
{
    return state_->run({}, Z_FINISH);
}

}  // namespace kieng::cache
