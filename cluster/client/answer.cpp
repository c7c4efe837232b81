#include "cluster/client/answer.hpp"

#include <boost/beast/core/string.hpp>

namespace kieng::cluster::client {

std::string_view answer::header(std::string_view name) const
{
    for (const auto& [key, value] : headers) {
        if (boost::beast::iequals(key, name)) return value;
    }
    return {};
}

}  // namespace kieng::cluster::client
