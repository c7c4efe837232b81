// Takes settings out of the environment one by one and collects what is wrong with them. Not thread safe.
#pragma once

#include "node/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::node {

class settings_reader {
public:
    settings_reader(const environment& from, std::vector<setting_fault>& faults)
        : from_(from),
          faults_(faults)
    {}

    std::string text(std::string_view name, std::string_view fallback = {});
    std::string required(std::string_view name, std::string_view example);
    // At least `least` bytes; never shown in a fault.
    std::string secret(std::string_view name, std::size_t least);
    std::int64_t number(std::string_view name, std::int64_t fallback, std::int64_t min,
                        std::int64_t max);
    // "512", "64KiB", "64MiB", "2GiB"
    std::size_t bytes(std::string_view name, std::size_t fallback);
    // "30s", "250ms", "2m"
    std::chrono::milliseconds duration(std::string_view name, std::chrono::milliseconds fallback,
                                       std::chrono::milliseconds min,
                                       std::chrono::milliseconds max);
    bool on_off(std::string_view name, bool fallback);
    std::string choice(std::string_view name, std::string_view fallback,
                       const std::vector<std::string_view>& allowed);
    std::vector<std::string> list(std::string_view name);  // comma separated
    // http:// or https:// with a host, no path beyond "/"; the trailing slash is taken off.
    std::string url(std::string_view name);
    std::string readable_file(std::string_view name, std::string_view example);
    // A file that can be made or added to.
    std::string writable_file(std::string_view name, std::string_view example);
    // An IPv4 or IPv6 address.
    std::string address(std::string_view name, std::string_view fallback);
    // Addresses and ranges: 10.0.0.0/8.
    std::vector<std::string> networks(std::string_view name);
    // Scheme, host and port as browsers send them in Origin.
    std::vector<std::string> origins(std::string_view name);
    // One port, or as many as there are hosts, separated by commas.
    std::string ports(std::string_view name, std::string_view fallback, std::string_view hosts);

    void fault(std::string_view name, std::string problem, std::string example = {});

private:
    const environment& from_;
    std::vector<setting_fault>& faults_;
};

}  // namespace kieng::node
