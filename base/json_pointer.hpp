// JSON Pointer (RFC 6901). Pure function, thread safe.
#pragma once

#include <string>
#include <string_view>

namespace kieng {

// A member's name as it stands in a pointer.
[[nodiscard]] inline std::string escape_pointer(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out.push_back(c);
    }
    return out;
}

}  // namespace kieng
