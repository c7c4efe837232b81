#include "node/platform/http/gzip.hpp"

namespace kieng::http {

bool is_compressible(std::string_view type) noexcept
{
    const auto media = type.substr(0, type.find(';'));
    return media.starts_with("text/") || media.ends_with("json") || media.ends_with("javascript") ||
           media.ends_with("xml") || media == "application/manifest+json";
}

}  // namespace kieng::http
