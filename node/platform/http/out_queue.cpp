#include "node/platform/http/out_queue.hpp"

#include <algorithm>
#include <utility>

namespace kieng::http {
namespace {

constexpr std::size_t kKeep = 65'536;  // a larger buffer is given back between requests

}  // namespace

void out_queue::append(std::string_view body, std::shared_ptr<const void> owner)
{
    if (body.size() < kBorrowFrom) {
        text_ += body;
        return;
    }
    borrowed_ += body.size();
    loans_.push_back({text_.size(), body, std::move(owner)});
}

std::span<const boost::asio::const_buffer> out_queue::next() noexcept
{
    std::size_t count = 0;
    std::size_t skip = sent_;
    const auto add = [&](std::string_view piece) {
        const auto gone = std::min(skip, piece.size());
        skip -= gone;
        piece.remove_prefix(gone);
        if (!piece.empty() && count < buffers_.size())
            buffers_[count++] = boost::asio::const_buffer(piece.data(), piece.size());
    };
    std::size_t at = 0;
    for (const auto& one : loans_) {
        add(std::string_view(text_).substr(at, one.at - at));
        add(one.body);
        at = one.at;
    }
    add(std::string_view(text_).substr(at));
    return {buffers_.data(), count};
}

void out_queue::clear() noexcept
{
    text_.clear();
    loans_.clear();
    borrowed_ = sent_ = 0;
    if (text_.capacity() > kKeep) text_.shrink_to_fit();
}

void out_queue::release() noexcept
{
    clear();
    text_ = std::string();
    loans_ = std::vector<loan>();
}

}  // namespace kieng::http
