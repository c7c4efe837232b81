// What an edit that cannot be is refused with, for goods and categories alike. Pure functions, thread safe.
#pragma once

#include "base/json_text.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::catalog {

// version_required or version_conflict, with the version there is now.
[[nodiscard]] inline failure with_version(errc code, std::int64_t version)
{
    failure out(code);
    out.members = "\"currentVersion\":" + std::to_string(version);
    if (code == errc::version_conflict) out.members += ",\"conflicts\":[]";
    return out;
}

// version_conflict: each field with what it was (`base`; null: not known any more), what it is and what was wanted.
// Field and Fields come with name_of(field) and append_value(out, field, fields).
template <class Field, class Fields>
[[nodiscard]] failure conflict_failure(std::int64_t version, const Fields* base,
                                       const Fields& theirs, const Fields& yours,
                                       const std::vector<Field>& fields)
{
    failure out(errc::version_conflict);
    out.members = "\"currentVersion\":" + std::to_string(version) + ",\"conflicts\":[";
    for (const Field f : fields) {
        if (out.members.back() != '[') out.members += ',';
        out.members += "{\"field\":" + json_string(name_of(f));
        if (base) {
            out.members += ",\"base\":";
            append_value(out.members, f, *base);
        }
        out.members += ",\"theirs\":";
        append_value(out.members, f, theirs);
        out.members += ",\"yours\":";
        append_value(out.members, f, yours);
        out.members += '}';
    }
    out.members += ']';
    return out;
}

// Appends a field to the details of an audit line: "price":{"from":1,"to":2}.
template <class Field, class Fields>
void append_change(std::string& out, Field f, const Fields& before, const Fields& after)
{
    if (out.size() > 1) out += ',';
    append_json_string(out, name_of(f));
    out += ":{\"from\":";
    append_value(out, f, before);
    out += ",\"to\":";
    append_value(out, f, after);
    out += '}';
}

}  // namespace kieng::catalog
