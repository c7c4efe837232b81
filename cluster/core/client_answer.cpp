#include "cluster/core/client_answer.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace kieng::cluster::client {
namespace {

constexpr int kRequestSaid = 60;
constexpr int kSharedSaid = 50;
constexpr int kNodeSaid = 40;
constexpr int kBroken = 30;
constexpr int kTimeout = 20;
constexpr int kLost = 10;
constexpr int kUnreachable = 5;

judgement without_answer(const report& what)
{
    judgement out;
    out.what = what.ours ? verdict::same_node : verdict::other_node;
    out.blame = out.leave = !what.ours;
    out.effect = committed::unknown;
    switch (what.how) {
    case ending::answer: break;
    case ending::unreachable:
        out.effect = committed::no;
        out.weight = kUnreachable;
        break;
    case ending::lost: out.weight = kLost; break;
    case ending::timeout: out.weight = kTimeout; break;
    case ending::foreign: out.weight = kBroken; break;
    case ending::broken:
        if (what.status >= 200 && what.status < 300) out.effect = committed::yes;
        if (what.status >= 400 && what.status < 500) out.effect = committed::no;
        out.weight = kBroken;
        break;
    }
    return out;
}

fault_scope scope_of(const report& what)
{
    if (what.said.scope) return *what.said.scope;
    const bool node = what.status >= 500 && what.status != 501 && what.status != 505;
    return node ? fault_scope::node : fault_scope::request;
}

committed effect_of(const report& what)
{
    if (what.said.effect) return *what.said.effect;
    return scope_of(what) == fault_scope::node ? committed::unknown : committed::no;
}

verdict verdict_of(const report& what, fault_scope scope)
{
    if (what.said.code == "history_changed") return verdict::drop_token;
    if (what.said.code == "in_progress") return verdict::shared_wait;
    if (what.said.where == retry_where::none) return verdict::stop;
    switch (scope) {
    case fault_scope::node: return verdict::other_node;
    case fault_scope::shared: return verdict::shared_wait;
    case fault_scope::request: break;
    }
    const bool again =
        what.said.where == retry_where::same || what.said.where == retry_where::other;
    return again || what.status == 429 || what.status == 408 ? verdict::same_node : verdict::stop;
}

int weight_of(fault_scope scope)
{
    switch (scope) {
    case fault_scope::request: return kRequestSaid;
    case fault_scope::shared: return kSharedSaid;
    case fault_scope::node: return kNodeSaid;
    }
    return 0;
}

std::optional<wall_time> parse_http_date(std::string_view text)
{
    std::tm parts{};
    const std::string copy(text);
    // The three forms a recipient must understand (RFC 9110 §5.6.7).
    for (const char* form :
         {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
        parts = {};
        const char* end = ::strptime(copy.c_str(), form, &parts);
        if (end != nullptr && *end == '\0') {
            return wall_time(std::chrono::seconds(::timegm(&parts)));
        }
    }
    return std::nullopt;
}

}  // namespace

judgement judge(const report& what)
{
    if (what.how != ending::answer) return without_answer(what);
    judgement out;
    if (what.status < 400) {
        out.what = verdict::accept;
        out.effect = committed::yes;
        return out;
    }
    const fault_scope scope = scope_of(what);
    out.effect = effect_of(what);
    out.what = verdict_of(what, scope);
    out.weight = weight_of(scope);
    const bool busy = what.status == 429 || what.said.code == "overloaded";
    out.overload = busy && out.what != verdict::stop;
    out.spill = busy && out.what == verdict::other_node;
    if (out.what != verdict::other_node || busy || what.ours) return out;
    // A stopping or starting node is left without being blamed; a node that failed at one request is blamed but not
    // left, or one poisonous request would drive everybody from node to node.
    const bool moving = what.said.code == "draining" || what.said.code == "starting";
    out.blame = !moving;
    out.leave = moving || what.said.code == "database_unavailable";
    return out;
}

committed merge(committed before, const report& what, committed effect)
{
    if (what.how == ending::answer && what.said.code == "abandoned") return committed::no;
    if (before == committed::yes || effect == committed::yes) return committed::yes;
    if (before == committed::unknown || effect == committed::unknown) return committed::unknown;
    return committed::no;
}

std::string_view name_of(ending how) noexcept
{
    switch (how) {
    case ending::answer: return "answer";
    case ending::unreachable: return "unreachable";
    case ending::lost: return "lost";
    case ending::timeout: return "timeout";
    case ending::broken: return "broken";
    case ending::foreign: return "foreign";
    }
    return "answer";
}

std::string_view name_of(verdict what) noexcept
{
    switch (what) {
    case verdict::accept: return "accept";
    case verdict::other_node: return "other_node";
    case verdict::same_node: return "same_node";
    case verdict::shared_wait: return "shared_wait";
    case verdict::drop_token: return "drop_token";
    case verdict::stop: return "stop";
    }
    return "stop";
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

std::optional<milliseconds> parse_retry_after(std::string_view text, std::string_view date,
                                              wall_time now)
{
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc{} && end == text.data() + text.size() && seconds >= 0) {
        return milliseconds(std::min<std::int64_t>(seconds, 86'400) * 1000);
    }
    const auto until = parse_http_date(text);
    if (!until) return std::nullopt;
    const wall_time from = parse_http_date(date).value_or(now);
    const auto wait = std::chrono::duration_cast<milliseconds>(*until - from);
    return std::clamp(wait, milliseconds(0), milliseconds(86'400'000));
}

}  // namespace kieng::cluster::client
