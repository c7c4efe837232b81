#include "cluster/ctl/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kieng::cluster::ctl {
namespace {

// Code points: every byte but the continuation bytes of UTF-8.
std::size_t width_of(std::string_view text)
{
    constexpr unsigned kContinuation = 0x80, kMask = 0xC0;
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & kMask) != kContinuation;
    }));
}

}  // namespace

std::string text_table::text() const
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - width_of(row[i]) + 2, ' ');
        }
        while (line.ends_with(' ')) line.pop_back();
        out += line + "\n";
    }
    return out;
}

std::string short_number(double value)
{
    constexpr double kFine = 10;
    char out[32];
    std::snprintf(out, sizeof(out), std::fabs(value) < kFine ? "%.1f" : "%.0f", value);
    return out;
}

}  // namespace kieng::cluster::ctl
