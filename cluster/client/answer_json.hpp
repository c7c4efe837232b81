// Reads the JSON the client itself must understand: problems, views, what became of a key. Pure, thread safe.
#pragma once

#include "cluster/client/answer.hpp"
#include "cluster/core/client_view.hpp"

#include <optional>
#include <string_view>

namespace kieng::cluster::client {

struct read_problem {
    problem said = {};
    milliseconds after{0};  // retry.afterMs
};

// What a problem says, as far as it can be read; members of another type are taken as absent.
[[nodiscard]] read_problem problem_of(std::string_view body);
// Nothing for what is no view.
[[nodiscard]] std::optional<view> view_of(std::string_view body);
// The member `outcome` of an answer of /api/requests/{key}[/abandon].
[[nodiscard]] resolution::what resolution_of(std::string_view body);
[[nodiscard]] bool is_json(std::string_view body);

}  // namespace kieng::cluster::client
