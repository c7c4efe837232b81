// Which form an answer about the node or the cluster takes: JSON for programs, lines for people. Pure, thread safe.
#pragma once

#include "cluster/wire/status_json.hpp"
#include "node/platform/http/response.hpp"

namespace kieng::node {

enum class answer_form : std::uint8_t { json = 1, text, neither };

// Lines when ?text is there or text/plain is preferred to JSON; neither when the caller accepts none of the two.
[[nodiscard]] answer_form form_of(const http::request& req);

// ?require=ready|active|writes
[[nodiscard]] cluster::wire::requirement read_requirement(http::query_reader& query);

[[nodiscard]] http::response lines(std::string text);

}  // namespace kieng::node
