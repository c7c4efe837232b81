#include "node/settings_reader.hpp"

#include "node/platform/http/networks.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <stdexcept>

namespace kieng::node {
namespace {

// A whole decimal number in front of an optional unit.
bool split_number(std::string_view text, std::int64_t& number, std::string_view& unit)
{
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc()) return false;
    unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
    return true;
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

void settings_reader::fault(std::string_view name, std::string problem, std::string example)
{
    faults_.push_back({std::string(name), std::move(problem), std::move(example)});
}

std::string settings_reader::text(std::string_view name, std::string_view fallback)
{
    auto value = from_(name);
    return value && !value->empty() ? *std::move(value) : std::string(fallback);
}

std::string settings_reader::required(std::string_view name, std::string_view example)
{
    std::string value = text(name);
    if (value.empty()) fault(name, "is missing", std::string(example));
    return value;
}

std::string settings_reader::secret(std::string_view name, std::size_t least)
{
    std::string value = text(name);
    const std::string example = "openssl rand -base64 48";
    if (value.empty()) {
        fault(name, "is missing; secrets have no default", example);
    } else if (value.size() < least) {
        fault(name,
              "is " + std::to_string(value.size()) + " bytes long; at least " +
                  std::to_string(least) + " are needed",
              example);
    }
    return value;
}

std::int64_t settings_reader::number(std::string_view name, std::int64_t fallback, std::int64_t min,
                                     std::int64_t max)
{
    const std::string value = text(name);
    if (value.empty()) return fallback;
    std::int64_t out = 0;
    std::string_view unit;
    if (!split_number(value, out, unit) || !unit.empty() || out < min || out > max) {
        fault(name,
              "is '" + value + "'; a whole number from " + std::to_string(min) + " to " +
                  std::to_string(max) + " is allowed",
              std::to_string(std::clamp(fallback, min, max)));
        return fallback;
    }
    return out;
}

std::size_t settings_reader::bytes(std::string_view name, std::size_t fallback)
{
    const std::string value = text(name);
    if (value.empty()) return fallback;
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    std::int64_t out = 0;
    std::string_view unit;
    std::int64_t factor = 0;
    if (split_number(value, out, unit)) {
        if (unit.empty() || unit == "B")
            factor = 1;
        else if (unit == "KiB")
            factor = 1 << 10;
        else if (unit == "MiB")
            factor = 1 << 20;
        else if (unit == "GiB")
            factor = 1 << 30;
    }
    if (factor == 0 || out < 0 || out > kMost / factor) {
        fault(name, "is '" + value + "'; a size such as 512KiB, 64MiB or 2GiB is allowed", "64MiB");
        return fallback;
    }
    return static_cast<std::size_t>(out * factor);
}

std::chrono::milliseconds settings_reader::duration(std::string_view name,
                                                    std::chrono::milliseconds fallback,
                                                    std::chrono::milliseconds min,
                                                    std::chrono::milliseconds max)
{
    const std::string value = text(name);
    if (value.empty()) return fallback;
    std::int64_t out = 0;
    std::string_view unit;
    std::int64_t factor = 0;
    if (split_number(value, out, unit)) {
        if (unit == "ms")
            factor = 1;
        else if (unit == "s")
            factor = 1000;
        else if (unit == "m")
            factor = 60'000;
    }
    const bool fits =
        factor != 0 && out >= 0 && out <= max.count() / factor && out * factor >= min.count();
    if (!fits) {
        fault(name,
              "is '" + value + "'; a duration from " + std::to_string(min.count()) + "ms to " +
                  std::to_string(max.count()) + "ms is allowed",
              "30s");
        return fallback;
    }
    return std::chrono::milliseconds(out * factor);
}

bool settings_reader::on_off(std::string_view name, bool fallback)
{
    return choice(name, fallback ? "on" : "off", {"on", "off"}) == "on";
}

std::string settings_reader::choice(std::string_view name, std::string_view fallback,
                                    const std::vector<std::string_view>& allowed)
{
    std::string value = text(name, fallback);
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
    std::string words;
    for (const auto word : allowed) words += (words.empty() ? "" : ", ") + std::string(word);
    fault(name, "is '" + value + "'; one of " + words + " is allowed", std::string(fallback));
    return std::string(fallback);
}

std::vector<std::string> settings_reader::list(std::string_view name)
{
    const std::string value = text(name);
    std::vector<std::string> out;
    std::string_view rest = value;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto item = trim(rest.substr(0, comma));
        if (!item.empty()) out.emplace_back(item);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return out;
}

std::string settings_reader::url(std::string_view name)
{
    std::string value = text(name);
    if (value.empty()) return value;
    const auto parsed = boost::urls::parse_uri(value);
    const bool good = parsed.has_value() &&
                      (parsed->scheme() == "http" || parsed->scheme() == "https") &&
                      !parsed->host().empty() && !parsed->has_query() && !parsed->has_fragment() &&
                      !parsed->has_userinfo() && (parsed->path().empty() || parsed->path() == "/");
    if (!good)
        fault(name, "is '" + value + "'; a URL of scheme, host and port is allowed",
              "http://10.0.0.1:4000");
    if (!value.empty() && value.back() == '/') value.pop_back();
    return value;
}

std::string settings_reader::readable_file(std::string_view name, std::string_view example)
{
    std::string value = text(name);
    if (!value.empty() && ::access(value.c_str(), R_OK) != 0)
        fault(name, "names '" + value + "', which cannot be read", std::string(example));
    return value;
}

std::string settings_reader::writable_file(std::string_view name, std::string_view example)
{
    std::string value = text(name);
    if (value.empty()) return value;
    const std::filesystem::path path(value);
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::error_code ignored;
    const bool there = std::filesystem::exists(path, ignored);
    const bool good =
        there ? !std::filesystem::is_directory(path, ignored) && ::access(value.c_str(), W_OK) == 0
              : ::access(folder.c_str(), W_OK | X_OK) == 0;
    if (!good) fault(name, "names '" + value + "', which cannot be written", std::string(example));
    return value;
}

std::string settings_reader::address(std::string_view name, std::string_view fallback)
{
    std::string value = text(name, fallback);
    boost::system::error_code error;
    (void)boost::asio::ip::make_address(value, error);
    if (error)
        fault(name, "is '" + value + "'; an IPv4 or IPv6 address is allowed",
              std::string(fallback));
    return value;
}

std::vector<std::string> settings_reader::networks(std::string_view name)
{
    auto out = list(name);
    for (const auto& one : out) {
        try {
            (void)http::networks({one});
        } catch (const std::invalid_argument&) {
            fault(name, "holds '" + one + "'; addresses and ranges are allowed", "10.0.0.0/8");
        }
    }
    return out;
}

std::vector<std::string> settings_reader::origins(std::string_view name)
{
    auto out = list(name);
    for (const auto& one : out) {
        const auto parsed = boost::urls::parse_uri(one);
        const bool good =
            parsed.has_value() && (parsed->scheme() == "http" || parsed->scheme() == "https") &&
            !parsed->host().empty() && parsed->path().empty() && !parsed->has_query() &&
            !parsed->has_fragment() && !parsed->has_userinfo();
        if (!good)
            fault(name, "holds '" + one + "'; scheme, host and port without a slash are allowed",
                  "https://shop.example");
    }
    return out;
}

std::string settings_reader::ports(std::string_view name, std::string_view fallback,
                                   std::string_view hosts)
{
    std::string value = text(name, fallback);
    const auto each = list(name);
    const auto hosts_given = std::count(hosts.begin(), hosts.end(), ',') + 1;
    bool good = each.size() <= 1 || static_cast<std::ptrdiff_t>(each.size()) == hosts_given;
    for (const auto& one : each) {
        std::int64_t port = 0;
        std::string_view rest;
        good = good && split_number(one, port, rest) && rest.empty() && port >= 1 && port <= 65535;
    }
    if (!good)
        fault(name, "is '" + value + "'; a port from 1 to 65535, or one per host, is allowed",
              std::string(fallback));
    return value;
}

}  // namespace kieng::node
