#include "node/answer_form.hpp"

#include "node/platform/http/negotiate.hpp"

namespace kieng::node {

answer_form form_of(const http::request& req)
{
    const auto accept = req.header("accept").value_or("");
    const bool json = http::accepts_type(accept, "application/json");
    const bool text = http::accepts_type(accept, "text/plain");
    if (!json && !text) return answer_form::neither;
    return req.query_value("text") || !json ? answer_form::text : answer_form::json;
}

cluster::wire::requirement read_requirement(http::query_reader& query)
{
    using cluster::wire::requirement;
    const auto asked = query.choice("require", {"ready", "active", "writes"});
    if (!asked) return requirement::none;
    if (*asked == "ready") return requirement::ready;
    return *asked == "active" ? requirement::active : requirement::writes;
}

http::response lines(std::string text)
{
    http::response out;
    out.content_type = "text/plain; charset=utf-8";
    out.body = std::move(text);
    return out;
}

}  // namespace kieng::node
