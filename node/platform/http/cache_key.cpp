#include "node/platform/http/cache_key.hpp"

#include "node/platform/http/target.hpp"

#include <charconv>

namespace kieng::http {

void append_cache_key(const exchange& x, std::string& key)
{
    key += "GET ";
    key += x.path;
    key += '?';
    if (!append_normalised_query(x.query, key)) key += x.query;
    key += ' ';
    key += name_of(x.lang);
    key += ' ';
    char digits[20];
    key.append(
        digits,
        std::to_chars(digits, digits + sizeof digits, x.who->permissions.to_ullong(), 16).ptr);
}

}  // namespace kieng::http
