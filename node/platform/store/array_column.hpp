// An array argument of an EXECUTE, built item by item: text that PostgreSQL reads as text[], bigint[] and so on.
// Plain values. For ledger.cpp.
#pragma once

#include "node/platform/store/tx.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace kieng::store::ledger {

class column {
public:
    void add(std::string_view item)
    {
        next();
        text_ += '"';
        for (const char c : item) {
            if (c == '"' || c == '\\') text_ += '\\';
            text_ += c;
        }
        text_ += '"';
    }
    void add(std::int64_t number)
    {
        next();
        text_ += std::to_string(number);
    }
    void add_null()
    {
        next();
        text_ += "NULL";
    }
    // As an SQL literal.
    [[nodiscard]] std::string quoted(tx& on) const { return on.connection().quote(text_ + '}'); }

private:
    void next()
    {
        if (text_.size() > 1) text_ += ',';
    }
    std::string text_ = "{";
};

// The columns as literals with commas between.
[[nodiscard]] inline std::string arguments(tx& on, std::initializer_list<const column*> columns)
{
    std::string out;
    for (const column* one : columns) {
        if (!out.empty()) out += ',';
        out += one->quoted(on);
    }
    return out;
}

}  // namespace kieng::store::ledger
