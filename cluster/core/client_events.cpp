#include "cluster/core/client_events.hpp"

#include <utility>

namespace kieng::cluster::client {
namespace {

constexpr std::size_t kLongest = std::size_t{256} * 1024;  // of a block that counts

// The value of "name: value", when the line is of that name.
bool says(std::string_view line, std::string_view name, std::string_view& value)
{
    if (!line.starts_with(name)) return false;
    line.remove_prefix(name.size());
    if (!line.empty() && line.front() != ':') return false;
    if (!line.empty()) line.remove_prefix(1);
    if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    value = line;
    return true;
}

}  // namespace

std::vector<std::string> view_events::take(std::string_view bytes)
{
    std::vector<std::string> out;
    for (const char c : bytes) {
        const bool second_of_two = std::exchange(after_return_, c == '\r') && c == '\n';
        if (second_of_two) continue;
        if (c == '\r' || c == '\n')
            end_line(out);
        else if (line_.size() < kLongest)
            line_ += c;
        else
            overlong_ = true;
    }
    return out;
}

void view_events::end_line(std::vector<std::string>& out)
{
    const std::string line = std::exchange(line_, {});
    std::string_view value;
    if (line.empty()) {
        if (kind_ == "view" && !overlong_) out.push_back(std::move(data_));
        kind_.clear();
        data_.clear();
        overlong_ = false;
    } else if (says(line, "event", value)) {
        kind_ = value;
    } else if (says(line, "data", value)) {
        if (!data_.empty()) data_ += '\n';
        if (data_.size() + value.size() > kLongest)
            overlong_ = true;
        else
            data_ += value;
    }
}

}  // namespace kieng::cluster::client
