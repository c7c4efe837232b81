#include "node/event_text.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace kieng::node {
namespace {

constexpr std::size_t kOverhead =
    256;  // of a position and of an event: pointers, strings, allocations

std::string head_of(const store::event& what, std::int64_t pos, std::size_t seq)
{
    std::string out = "event: " + what.type + "\ndata: {\"pos\":" + std::to_string(pos);
    out += ",\"seq\":" + std::to_string(seq) + ",\"type\":";
    append_json_string(out, what.type);
    out += ",\"entity\":";
    append_json_string(out, what.entity);
    out += ",\"entityId\":";
    if (what.entity_id.empty())
        out += "null";
    else
        append_json_string(out, what.entity_id);
    out += ",\"version\":" + std::to_string(what.version) + ",\"data\":";
    return out;
}

// A line break inside JSON text is white space, but in an event stream it would end the field.
std::string one_line(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text.empty() ? "{}" : text;
}

shown_event shown(const store::event& what, std::int64_t pos, std::size_t seq)
{
    shown_event out;
    out.head = head_of(what, pos, seq);
    out.data = one_line(what.data);
    out.of = audience_of(what);
    if (what.type == "SessionEndedEvent") out.ends = shown_event::ending::session;
    if (what.type == "UserRightsChangedEvent") out.ends = shown_event::ending::rights;
    if (out.ends != shown_event::ending::none) out.subject = what.entity_id;
    return out;
}

}  // namespace

shown_ptr show(const store::position& what, std::int64_t incarnation, std::string_view token)
{
    auto out = std::make_shared<shown_position>();
    out->incarnation = incarnation;
    out->pos = what.pos;
    out->id_line = "id: " + std::string(token) + "\n";
    out->bytes = kOverhead + out->id_line.size();
    out->events.reserve(what.events.size());
    for (const auto& one : what.events) {
        out->events.push_back(shown(one, what.pos, out->events.size()));
        const auto& last = out->events.back();
        out->bytes += kOverhead + last.head.size() + last.data.size();
    }
    return out;
}

bool append_blocks(std::string& out, const shown_position& what, const http::caller& who)
{
    bool any = false;
    for (const auto& one : what.events) {
        const auto how = sight_of(one.of, who);
        if (how == sight::nothing) continue;
        if (any) out += '\n';
        out += one.head;
        out += how == sight::whole ? std::string_view(one.data) : std::string_view("{}");
        out += "}\n";
        any = true;
    }
    if (!any) return false;
    out += what.id_line;
    out += '\n';
    return true;
}

bool ends_stream(const shown_position& what, const http::caller& who) noexcept
{
    if (!who.signed_in()) return false;
    const auto ends = [&who](const shown_event& one) {
        switch (one.ends) {
        case shown_event::ending::none: return false;
        case shown_event::ending::session: return one.subject == who.session_id;
        case shown_event::ending::rights: return one.subject == who.user_id;
        }
        return false;
    };
    return std::any_of(what.events.begin(), what.events.end(), ends);
}

}  // namespace kieng::node
