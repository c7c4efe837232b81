// Writes JSON objects and arrays member by member, in the order they are given. Not thread safe; one per object.
#pragma once

#include "base/encoding.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

// With at most three decimals and no needless ones: "0.6", "12", "-1.25". Not a number and the infinite are 0.
[[nodiscard]] std::string decimal(double value);

class json_object {
public:
    json_object& text(std::string_view name, std::string_view value)
    {
        append_json_string(member(name), value);
        return *this;
    }
    // null when it is empty
    json_object& text_or_null(std::string_view name, std::string_view value)
    {
        return value.empty() ? raw(name, "null") : text(name, value);
    }
    json_object& integer(std::string_view name, std::int64_t value)
    {
        return raw(name, std::to_string(value));
    }
    // In at most three decimals.
    json_object& number(std::string_view name, double value) { return raw(name, decimal(value)); }
    json_object& boolean(std::string_view name, bool value)
    {
        return raw(name, value ? "true" : "false");
    }
    json_object& raw(std::string_view name, std::string_view json)
    {
        member(name) += json;
        return *this;
    }
    [[nodiscard]] std::string done() const { return out_ + "}"; }

private:
    std::string& member(std::string_view name)
    {
        if (out_.size() > 1) out_ += ',';
        append_json_string(out_, name);
        return out_ += ':';
    }

    std::string out_ = "{";
};

// An array of what `write` makes of each element.
template <class Range, class Write>
std::string json_array(const Range& range, Write write)
{
    std::string out = "[";
    for (const auto& one : range) {
        if (out.size() > 1) out += ',';
        out += write(one);
    }
    return out + "]";
}

}  // namespace kieng::cluster::wire
