#include "node/payments/qr_svg.hpp"

#include <qrencode.h>

#include <memory>
#include <stdexcept>

namespace kieng::payments {
namespace {

constexpr int kQuiet = 4;  // modules around the code, as the standard asks
constexpr std::size_t kLongest = 512;

struct freed {
    void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

}  // namespace

std::string qr_svg(std::string_view text)
{
    const std::string bytes(text);
    std::unique_ptr<QRcode, freed> code;
    if (!bytes.empty() && bytes.size() <= kLongest)
        code.reset(QRcode_encodeString(bytes.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
    if (!code) throw std::invalid_argument("no QR code holds this text");
    const int width = code->width;
    const auto side = std::to_string(width + 2 * kQuiet);
    std::string out = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + side + " " +
                      side + R"(" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h)" + side +
                      "v" + side + R"(H0z"/><path d=")";
    const auto dark = [&](int x, int y) { return (code->data[y * width + x] & 1) != 0; };
    for (int y = 0; y < width; ++y) {
        for (int x = 0; x < width; ++x) {
            if (!dark(x, y)) continue;
            const int from = x;
            while (x < width && dark(x, y)) ++x;
            const auto run = std::to_string(x - from);
            out += "M" + std::to_string(from + kQuiet) + " " + std::to_string(y + kQuiet) + "h" +
                   run + "v1h-" + run + "z";
        }
    }
    return out + R"("/></svg>)";
}

}  // namespace kieng::payments
