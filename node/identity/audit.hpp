// Who did what: one line of the audit log. Plain values.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::identity {

// What is written. `details` is a JSON object by field and never holds a secret.
struct audit_entry {
    std::string_view action;  // "product.update"
    std::string_view entity;  // "product"
    std::string entity_id;    // empty: none
    std::string details = "{}";
};

// What is read.
struct audit_line {
    std::string id;
    wall_time at{};
    std::optional<std::string> actor_id;
    std::optional<std::string> actor_email;
    std::string action;
    std::string entity;
    std::optional<std::string> entity_id;
    std::string node;
    std::string request_id;
    std::optional<std::string> address;
    std::string details;
};

struct audit_filter {
    std::optional<std::string> actor_id;
    std::optional<std::string> action;  // whole, or its beginning up to a dot
    std::optional<std::string> entity;
    std::optional<std::string> entity_id;
    std::optional<wall_time> from;
    std::optional<wall_time> to;  // exclusive
    std::int64_t limit = 20;
    std::optional<wall_time> before_at;  // where the page before ended
    std::string before_id;
};

}  // namespace kieng::identity
