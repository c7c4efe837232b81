// A QR code as a drawing that scales: black squares on white with the quiet zone that readers need. Pure, thread safe.
#pragma once

#include <string>
#include <string_view>

namespace kieng::payments {

// `text`: ASCII, at most 512 characters. Throws std::invalid_argument for more than a code holds.
[[nodiscard]] std::string qr_svg(std::string_view text);

}  // namespace kieng::payments
