#include "node/platform/http/fault_text.hpp"
#include "node/platform/http/problem_sentences.hpp"
#include "node/platform/http/problem_table.hpp"
#include "node/platform/http/response.hpp"

#include <algorithm>

namespace kieng::http {
namespace {

constexpr std::size_t kMaxFaults = 100;

void append_member(std::string& out, std::string_view name, std::string_view value)
{
    out += ",\"";
    out += name;
    out += "\":";
    append_json_string(out, value);
}

void append_faults(std::string& out, const std::vector<field_fault>& faults, language in)
{
    out += ",\"errors\":[";
    const auto count = std::min(faults.size(), kMaxFaults);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& fault = faults[i];
        out += i == 0 ? "{\"pointer\":" : ",{\"pointer\":";
        append_json_string(out, is_utf8(fault.pointer) ? std::string_view(fault.pointer)
                                                       : std::string_view());
        append_member(out, "code", kieng::name_of(fault.code));
        append_member(out, "detail", fault_text(fault, in));
        if (!fault.allowed.empty()) append_member(out, "allowed", allowed_text(fault, in));
        out += '}';
    }
    out += ']';
}

// The pointer's last part, so that a sentence has a subject: "/items/0/price" -> "price".
std::string_view subject_of(std::string_view pointer) noexcept
{
    const auto at = pointer.find_last_of("/:");
    return at == std::string_view::npos ? pointer : pointer.substr(at + 1);
}

std::string detail_of(const failure& why, language in)
{
    if (!why.detail.empty()) {
        const auto& text = in == language::vi ? why.detail.vi : why.detail.en;
        if (is_utf8(text)) return text;
    }
    if (why.fields.empty()) {
        const auto usual = usual_detail(why.code);
        return std::string(in == language::vi ? usual.vi : usual.en);
    }
    const auto subject = subject_of(why.fields.front().pointer);
    const auto text = fault_text(why.fields.front(), in);
    if (subject.empty() || !is_utf8(subject)) return text;
    return std::string(subject) + ": " + text;
}

bool needs_challenge(errc code) noexcept
{
    return code == errc::token_invalid || code == errc::token_expired ||
           code == errc::session_ended;
}

}  // namespace

std::string_view name_of(fault_scope scope) noexcept
{
    switch (scope) {
    case fault_scope::request: return "request";
    case fault_scope::node: return "node";
    case fault_scope::shared: return "shared";
    }
    return "request";
}

std::string_view name_of(retry_where where) noexcept
{
    switch (where) {
    case retry_where::same: return "same";
    case retry_where::other: return "other";
    case retry_where::nowhere: return "none";
    }
    return "none";
}

std::string_view name_of(committed effect) noexcept
{
    switch (effect) {
    case committed::no: return "no";
    case committed::yes: return "yes";
    case committed::unknown: return "unknown";
    }
    return "unknown";
}

response problem(const failure& why, const request& to)
{
    auto row = problem_row_of(why.code);
    if (why.code == errc::database_unavailable && to.cut_off) {
        row.scope = fault_scope::node;
        row.where = retry_where::other;
        row.after_ms = 0;
    }
    const auto after = why.retry_after ? why.retry_after->count() : row.after_ms;
    const auto code = kieng::name_of(why.code);

    response made;
    made.status = row.status;
    made.content_type = "application/problem+json";
    auto& out = made.body;
    out.reserve(384);
    out += "{\"type\":\"urn:kieng:problem:";
    out += code;
    out += '"';
    append_member(out, "title", to.lang == language::vi ? row.title_vi : row.title_en);
    out += ",\"status\":" + std::to_string(row.status);
    append_member(out, "detail", detail_of(why, to.lang));
    append_member(out, "code", code);
    append_member(out, "scope", name_of(row.scope));
    append_member(out, "committed", name_of(why.effect.value_or(row.effect)));
    out += ",\"retry\":{\"where\":\"";
    out += name_of(row.where);
    out += "\",\"afterMs\":" + std::to_string(after) + "}";
    append_member(out, "requestId", to.id);
    if (!why.fields.empty()) append_faults(out, why.fields, to.lang);
    if (!why.members.empty()) out += "," + why.members;
    out += '}';

    if (after > 0 || row.status == 503)
        made.headers.emplace_back("Retry-After", std::to_string((after + 999) / 1000));
    if (row.status == 401)
        made.headers.emplace_back("WWW-Authenticate",
                                  needs_challenge(why.code)
                                      ? R"(Bearer realm="kieng", error="invalid_token")"
                                      : R"(Bearer realm="kieng")");
    return made;
}

}  // namespace kieng::http
