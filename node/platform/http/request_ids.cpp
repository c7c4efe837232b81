#include "node/platform/http/request_ids.hpp"

#include "base/ids.hpp"
#include "node/platform/http/characters.hpp"

#include <algorithm>

namespace kieng::http {
namespace {

bool is_lower_hex(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool is_request_id(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 128) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_alpha(c) || is_digit(c) ||
               std::string_view("._~:/+=-").find(c) != std::string_view::npos;
    });
}

bool is_traceparent(std::string_view text) noexcept
{
    // 00-<32 hex>-<16 hex>-<2 hex>; later versions may be longer.
    if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
    const auto version = text.substr(0, 2);
    const auto trace = text.substr(3, 32);
    const auto parent = text.substr(36, 16);
    if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
        !is_lower_hex(text.substr(53, 2)))
        return false;
    if (version == "ff" || (version == "00" && text.size() != 55) ||
        (text.size() > 55 && text[55] != '-'))
        return false;
    if (text.size() > 128) return false;
    return trace.find_first_not_of('0') != std::string_view::npos &&
           parent.find_first_not_of('0') != std::string_view::npos;
}

void request_ids::make(std::string& out)
{
    out.clear();
    append_uuid(out, clock_, source_);
}

void request_ids::buffered::fill(std::span<std::uint8_t> out)
{
    if (out.size() > block_.size() - used_) {
        if (out.size() > block_.size()) return from_.fill(out);
        from_.fill(block_);
        used_ = 0;
    }
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    used_ += out.size();
}

}  // namespace kieng::http
