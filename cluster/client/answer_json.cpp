#include "cluster/client/answer_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kieng::cluster::client {
namespace {

using nlohmann::json;

constexpr std::int64_t kLongest = 86'400'000;

json parsed(std::string_view body)
{
    return json::parse(body, nullptr, false);
}

std::string text(const json& in, const char* name)
{
    const auto at = in.find(name);
    return at != in.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<std::int64_t> number(const json& in, const char* name)
{
    const auto at = in.find(name);
    if (at == in.end() || !at->is_number_integer()) return std::nullopt;
    return at->get<std::int64_t>();
}

std::optional<fault_scope> scope_named(const std::string& name)
{
    if (name == "request") return fault_scope::request;
    if (name == "node") return fault_scope::node;
    if (name == "shared") return fault_scope::shared;
    return std::nullopt;
}

std::optional<committed> effect_named(const std::string& name)
{
    if (name == "no") return committed::no;
    if (name == "yes") return committed::yes;
    if (name == "unknown") return committed::unknown;
    return std::nullopt;
}

std::optional<retry_where> where_named(const std::string& name)
{
    if (name == "none") return retry_where::none;
    if (name == "same") return retry_where::same;
    if (name == "other") return retry_where::other;
    return std::nullopt;
}

view_server server_of(const json& in)
{
    return {.id = text(in, "id"),
            .url = text(in, "url"),
            .priority = static_cast<int>(number(in, "priority").value_or(0)),
            .state = text(in, "state")};
}

}  // namespace

read_problem problem_of(std::string_view body)
{
    read_problem out;
    const json in = parsed(body);
    if (!in.is_object()) return out;
    out.said.code = text(in, "code");
    out.said.scope = scope_named(text(in, "scope"));
    out.said.effect = effect_named(text(in, "committed"));
    const auto retry = in.find("retry");
    if (retry == in.end() || !retry->is_object()) return out;
    out.said.where = where_named(text(*retry, "where"));
    out.after =
        milliseconds(std::clamp<std::int64_t>(number(*retry, "afterMs").value_or(0), 0, kLongest));
    return out;
}

std::optional<view> view_of(std::string_view body)
{
    const json in = parsed(body);
    if (!in.is_object()) return std::nullopt;
    const auto incarnation = number(in, "incarnation");
    const auto epoch = number(in, "epoch");
    const auto view_number = number(in, "view");
    const auto servers = in.find("servers");
    if (!incarnation || !epoch || !view_number || servers == in.end() || !servers->is_array()) {
        return std::nullopt;
    }
    view out{.cluster = text(in, "cluster"),
             .incarnation = *incarnation,
             .epoch = *epoch,
             .number = *view_number,
             .active = text(in, "active")};
    const auto panic = in.find("panic");
    out.panic = panic != in.end() && panic->is_boolean() && panic->get<bool>();
    for (const json& one : *servers) {
        if (one.is_object()) out.servers.push_back(server_of(one));
    }
    return out;
}

resolution::what resolution_of(std::string_view body)
{
    const json in = parsed(body);
    const std::string said = in.is_object() ? text(in, "outcome") : std::string();
    if (said == "committed") return resolution::what::committed;
    if (said == "never") return resolution::what::never;
    return resolution::what::unknown;
}

bool is_json(std::string_view body)
{
    return json::accept(body);
}

}  // namespace kieng::cluster::client
