// Which web origins may read answers. Immutable, thread safe.
#pragma once

#include "node/platform/http/exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::http {

class cors {
public:
    explicit cors(std::vector<std::string> origins);
    // What Access-Control-Allow-Origin answers to this Origin; empty: not allowed.
    [[nodiscard]] std::string_view allowed(std::string_view origin) const noexcept;
    [[nodiscard]] bool on() const noexcept { return !origins_.empty(); }

    static void append_answer_headers(std::string& out, std::string_view allow_origin);
    static void append_preflight_headers(std::string& out, std::string_view allow_origin,
                                         std::string_view methods);

private:
    std::vector<std::string> origins_;
};

}  // namespace kieng::http
