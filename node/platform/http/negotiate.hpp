// What the Accept-* and If-None-Match fields allow. Pure.
#pragma once

#include "node/platform/http/request.hpp"

#include <string_view>

namespace kieng::http {

// The language of the highest weight among vi and en, `fallback` if neither is named.
[[nodiscard]] language choose_language(std::string_view accept_language,
                                       language fallback) noexcept;
// Whether gzip may be sent.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding) noexcept;
// Whether the media type ("application/json") is acceptable; an empty field accepts everything.
[[nodiscard]] bool accepts_type(std::string_view accept, std::string_view media_type) noexcept;
// Whether If-None-Match names the entity tag (without quotes), by weak comparison.
[[nodiscard]] bool names_etag(std::string_view if_none_match, std::string_view etag,
                              std::string_view suffix = {}) noexcept;
// Whether Content-Type is this media type, with no parameters but charset=utf-8 (and header=... for text/csv).
[[nodiscard]] bool is_media_type(std::string_view content_type,
                                 std::string_view media_type) noexcept;

}  // namespace kieng::http
