#include "node/orders/order_version.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <chrono>

namespace kieng::orders {
namespace {

constexpr std::size_t kLongest = 100, kLongestUser = 50, kTime = 14, kLeastRandom = 6,
                      kMostRandom = 32;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_word(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

failure wrong(std::string_view reason, sentence why)
{
    failure out(errc::version_invalid, std::move(why));
    out.members = R"("field":"version","reason":)" + json_string(reason) + R"(,"example":)" +
                  json_string(kVersionExample);
    return out;
}

int number(std::string_view digits) noexcept
{
    int out = 0;
    for (const char c : digits) out = out * 10 + (c - '0');
    return out;
}

bool is_real_time(std::string_view text) noexcept
{
    using namespace std::chrono;
    if (text.size() != kTime || !std::all_of(text.begin(), text.end(), is_digit)) return false;
    const year_month_day day{year{number(text.substr(0, 4))},
                             month{static_cast<unsigned>(number(text.substr(4, 2)))},
                             std::chrono::day{static_cast<unsigned>(number(text.substr(6, 2)))}};
    return day.ok() && number(text.substr(0, 4)) >= 1970 && number(text.substr(8, 2)) < 24 &&
           number(text.substr(10, 2)) < 60 && number(text.substr(12, 2)) < 60;
}

}  // namespace

result<order_version> parse_version(std::string_view text)
{
    if (text.size() > kLongest)
        return wrong("too_long",
                     {"Version dài hơn 100 ký tự.", "The version is longer than 100 characters."});
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!printable)
        return wrong("characters", {"Version chỉ gồm các ký tự ASCII nhìn thấy được.",
                                    "A version consists of visible ASCII characters."});
    const auto last = text.rfind('_');
    const auto middle =
        last == std::string_view::npos || last == 0 ? last : text.rfind('_', last - 1);
    if (last == std::string_view::npos || last == 0 || middle == std::string_view::npos)
        return wrong("parts", {"Version gồm ba phần nối bằng dấu gạch dưới.",
                               "A version has three parts joined by underscores."});
    const auto random = text.substr(last + 1);
    if (random.size() < kLeastRandom || random.size() > kMostRandom ||
        !std::all_of(random.begin(), random.end(), is_word))
        return wrong("random", {"Phần cuối của version gồm 6 đến 32 chữ cái và chữ số.",
                                "The last part of a version is 6 to 32 letters and digits."});
    if (!is_real_time(text.substr(middle + 1, last - middle - 1)))
        return wrong("timestamp", {"Phần giữa của version là thời điểm yyyymmddhhmmss có thật.",
                                   "The middle of a version is a real time yyyymmddhhmmss."});
    const auto user = text.substr(0, middle);
    if (user.empty() || user.size() > kLongestUser)
        return wrong("user", {"Phần đầu của version là người gửi, 1 đến 50 ký tự.",
                              "The first part of a version is its sender, 1 to 50 characters."});
    return order_version{std::string(user)};
}

}  // namespace kieng::orders
