// What this capability's handlers share: from a request to a service's arguments, and back to an answer.
// Pure functions, thread safe.
#pragma once

#include "base/result.hpp"
#include "node/platform/http/request.hpp"
#include "node/platform/http/response.hpp"
#include "node/platform/store/unit_of_work.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::identity {

// The answer of a write: what the unit of work stored, its position, and whether it is a repeat.
[[nodiscard]] http::response to_response(store::written what);

// Errors: invalid_parameter for any query parameter.
[[nodiscard]] result<void> no_query(const http::request& from);
// Reads the query and reports all faults at once. Errors: invalid_parameter.
[[nodiscard]] result<void> read_query(const http::request& from,
                                      const std::function<void(http::query_reader&)>& read);

// The path's {id}. Errors: not_found when it is no UUID.
[[nodiscard]] result<std::string> id_of(const http::request& from);

// The version an edit starts from: of If-Match or of the body; nothing if neither names one.
// Errors: invalid_parameter (If-Match is not one strong tag), version_ambiguous.
[[nodiscard]] result<std::optional<std::int64_t>> version_of(const http::request& from,
                                                             std::optional<std::int64_t> in_body);

// A place in a list ordered by (time, id), opaque to clients and bound to the query it came from.
struct place {
    wall_time at{};
    std::string id;
};
[[nodiscard]] std::string to_cursor(const place& where, std::string_view query);
// Errors: cursor_invalid.
[[nodiscard]] result<place> read_cursor(std::string_view cursor, std::string_view query);

}  // namespace kieng::identity
