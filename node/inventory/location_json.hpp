// The wire form of locations. Schemas: docs/openapi.yaml (Location, LocationInput, LocationPatch). Pure functions.
#pragma once

#include "base/result.hpp"
#include "node/inventory/location.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kieng::inventory {

// A new location (`name` is required, no version) or an edit of one. Errors: malformed_json, validation_failed.
[[nodiscard]] result<location_change> read_location(std::string_view body, bool is_new);
void append_location(std::string& out, const location& of);
void append_locations(std::string& out, const std::vector<location>& of);
// For failures and audit lines that name single fields.
void append_value(std::string& out, location_field f, const location_fields& of);

}  // namespace kieng::inventory
