#include "node/platform/http/chunked_decoder.hpp"

#include "node/platform/http/characters.hpp"

#include <algorithm>

namespace kieng::http {
namespace {

constexpr std::size_t kMaxSizeDigits = 15;

bool is_line_text(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 || u == '\t') && u != 0x7f;
}

}  // namespace

chunked_decoder& chunked_decoder::operator=(const chunked_decoder& other) noexcept
{
    step_ = other.step_;
    left_ = other.left_;
    digits_ = other.digits_;
    line_ = other.line_;
    trailer_ = other.trailer_;
    colon_ = other.colon_;
    last_ = other.last_;
    done_ = other.done_;
    return *this;
}

chunked_decoder::state chunked_decoder::decode(std::string_view in, std::size_t& used,
                                               std::string& out)
{
    used = 0;
    while (used < in.size() && !done_) {
        if (step_ == step::data) {
            const auto n =
                static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - used));
            out.append(in.substr(used, n));
            used += n;
            left_ -= n;
            if (left_ == 0) step_ = step::data_cr;
            continue;
        }
        if (!take(in[used]))
            return trailer_ > limits_.trailer_bytes ? state::trailers_too_large : state::bad;
        ++used;
    }
    return done_ ? state::done : state::more;
}

bool chunked_decoder::take(char c)
{
    switch (step_) {
    case step::size: return take_size(c);
    case step::extension:
        if (++line_ > limits_.chunk_line_bytes) return false;
        if (c == '\r') step_ = step::size_lf;
        return c == '\r' || is_line_text(c);
    case step::size_lf:
        if (c != '\n') return false;
        last_ = left_ == 0;
        step_ = last_ ? step::trailer : step::data;
        line_ = 0;
        return true;
    case step::data: return false;
    case step::data_cr: step_ = step::data_lf; return c == '\r';
    case step::data_lf:
        step_ = step::size;
        digits_ = line_ = 0;
        return c == '\n';
    case step::trailer: return take_trailer(c);
    case step::trailer_lf:
        if (c != '\n') return false;
        done_ = line_ == 0;
        step_ = step::trailer;
        line_ = 0;
        colon_ = false;
        return true;
    }
    return false;
}

bool chunked_decoder::take_size(char c)
{
    const int digit = hex_value(c);
    if (digit >= 0) {
        if (++digits_ > kMaxSizeDigits) return false;
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        return true;
    }
    if (digits_ == 0) return false;
    if (c == '\r') step_ = step::size_lf;
    if (c == ';') step_ = step::extension;
    return c == '\r' || c == ';';
}

bool chunked_decoder::take_trailer(char c)
{
    if (++trailer_ > limits_.trailer_bytes) return false;
    if (c == '\r') {
        step_ = step::trailer_lf;
        return line_ == 0 || colon_;
    }
    ++line_;
    if (!colon_) {
        if (c == ':') {
            colon_ = true;
            return line_ > 1;
        }
        return is_token_char(c);
    }
    return is_line_text(c);
}

}  // namespace kieng::http
