// Takes the chunked coding of RFC 9112 §7.1 apart, strictly: CR LF only, bounded lines, extensions and trailers skipped.
// Not thread safe.
#pragma once

#include "node/platform/http/limits.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::http {

class chunked_decoder {
public:
    explicit chunked_decoder(const limits& within) : limits_(within) {}

    enum class state : std::uint8_t { more = 1, done, bad, trailers_too_large };

    // Decodes from `in`, appending data to `out`; `used` is how many bytes were taken. Stops behind the last byte of the body.
    state decode(std::string_view in, std::size_t& used, std::string& out);
    void reset() noexcept { *this = chunked_decoder(limits_); }
    chunked_decoder& operator=(const chunked_decoder& other) noexcept;
    chunked_decoder(const chunked_decoder&) = default;

private:
    enum class step : std::uint8_t {
        size = 1,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer,
        trailer_lf
    };
    bool take(char c);
    bool take_size(char c);
    bool take_trailer(char c);

    const limits& limits_;
    step step_ = step::size;
    std::uint64_t left_ = 0;  // bytes of the current chunk
    std::size_t digits_ = 0;
    std::size_t line_ = 0;     // bytes of the current line
    std::size_t trailer_ = 0;  // bytes of all trailers
    bool colon_ = false;       // seen in the current trailer line
    bool last_ = false;
    bool done_ = false;
};

}  // namespace kieng::http
