#include "cluster/wire/json_writer.hpp"

#include <cmath>
#include <cstdio>

namespace kieng::cluster::wire {

std::string decimal(double value)
{
    if (!std::isfinite(value)) return "0";
    char text[330];
    std::snprintf(text, sizeof text, "%.3f", value);
    std::string out(text);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out == "-0" ? "0" : out;
}

}  // namespace kieng::cluster::wire
