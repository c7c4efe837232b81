// The rows of CSV import and export in the route table. Contract: docs/openapi.yaml.
#pragma once

#include "node/catalog/import_service.hpp"
#include "node/platform/http/route.hpp"

#include <vector>

namespace kieng::catalog {

// `imports` must outlive the routes.
[[nodiscard]] std::vector<http::route> csv_routes(import_service& imports);

// The report as the contract has it, with sentences in the caller's language.
[[nodiscard]] std::string import_report_json(const import_report& report, http::language in);

}  // namespace kieng::catalog
