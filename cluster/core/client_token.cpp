#include "cluster/core/client_token.hpp"

#include <charconv>
#include <optional>
#include <tuple>

namespace kieng::cluster::client {
namespace {

std::optional<std::int64_t> number(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

bool is_mac(std::string_view text)
{
    return text.size() == 16 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void token_keeper::seen(std::string_view token)
{
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return;
    const auto incarnation = number(token.substr(0, first));
    const auto pos = number(token.substr(first + 1, second - first - 1));
    if (!incarnation || !pos || !is_mac(token.substr(second + 1))) return;
    if (std::tie(*incarnation, *pos) <= std::tie(incarnation_, pos_)) return;
    incarnation_ = *incarnation;
    pos_ = *pos;
    text_ = token;
}

bool token_keeper::drop(std::string_view sent)
{
    if (text_.empty() || text_ != sent) return false;
    text_.clear();
    incarnation_ = pos_ = -1;
    return true;
}

}  // namespace kieng::cluster::client
