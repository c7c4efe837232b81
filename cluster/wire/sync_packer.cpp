#include "cluster/wire/sync_packer.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/json_reader.hpp"

#include <algorithm>

namespace kieng::cluster::wire {
namespace {

// What a message has around its positions: the longest incarnation and node id fit.
constexpr std::size_t kFrame = 128;
// Levels of a message around the data of an event: the message, positions, the position, events, the event.
constexpr int kLevelsAround = 5;

bool fits(std::string_view text, std::size_t most) noexcept
{
    return utf8_length(text) <= most;
}

// Whether the reader takes it as text; line breaks and tabs only where `lines` says so.
bool plain(std::string_view text, bool lines = false) noexcept
{
    return std::none_of(text.begin(), text.end(), [lines](char c) {
        if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7F') return false;
        return !(lines && (c == '\n' || c == '\r' || c == '\t'));
    });
}

bool shallow(std::string_view json) noexcept
{
    int depth = kLevelsAround;
    bool inside = false;  // of a string
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inside && c == '\\') {
            ++i;
        } else if (c == '"') {
            inside = !inside;
        } else if (!inside && (c == '{' || c == '[')) {
            if (++depth > static_cast<int>(kMaxJsonDepth)) return false;
        } else if (!inside && (c == '}' || c == ']')) {
            --depth;
        }
    }
    return true;
}

bool is_tag(const std::string& text)
{
    return !text.empty() && fits(text, sync_limits::kTag) && plain(text, true);
}

bool is_name(const std::string& text)
{
    return !text.empty() && fits(text, sync_limits::kName) && plain(text);
}

bool within_limits(const sync_event& what)
{
    return is_name(what.type) && is_name(what.entity) && what.version >= 0 &&
           (what.entity_id.empty() || parse_uuid(what.entity_id)) &&
           what.tags.size() <= sync_limits::kTags &&
           std::all_of(what.tags.begin(), what.tags.end(), is_tag) &&
           fits(what.trace, sync_limits::kTrace) && plain(what.trace) &&
           (what.data.empty() || what.data.front() == '{') && shallow(what.data);
}

void append_event(std::string& out, const sync_event& what, std::size_t seq)
{
    out += "{\"seq\":" + std::to_string(seq) + ",\"type\":";
    append_json_string(out, what.type);
    out += ",\"entity\":";
    append_json_string(out, what.entity);
    if (!what.entity_id.empty()) {
        out += ",\"entityId\":";
        append_json_string(out, what.entity_id);
    }
    out += ",\"version\":" + std::to_string(what.version) + ",\"tags\":[";
    for (const auto& tag : what.tags) {
        if (&tag != &what.tags.front()) out += ',';
        append_json_string(out, tag);
    }
    out += "],\"at\":\"" + to_iso8601(what.at) + "\"";
    if (!what.trace.empty()) {
        out += ",\"trace\":";
        append_json_string(out, what.trace);
    }
    out += ",\"data\":";
    out += what.data.empty() ? std::string_view("{}") : std::string_view(what.data);
    out += '}';
}

// The position with its events; empty when it passes a limit.
std::string whole(const sync_position& what)
{
    if (what.fetch || what.events.empty() || what.events.size() > sync_limits::kEvents) return {};
    std::string out = "{\"pos\":" + std::to_string(what.pos) + ",\"events\":[";
    for (std::size_t i = 0; i < what.events.size(); ++i) {
        if (!within_limits(what.events[i])) return {};
        if (i > 0) out += ',';
        append_event(out, what.events[i], i + 1);
        if (out.size() > sync_limits::kBytes - kFrame) return {};
    }
    out += "]}";
    if (out.size() > sync_limits::kBytes - kFrame || !is_utf8(out)) return {};
    return out;
}

}  // namespace

std::shared_ptr<const packed_position> pack(const sync_position& what, std::int64_t incarnation)
{
    auto out = std::make_shared<packed_position>();
    out->incarnation = incarnation;
    out->pos = what.pos;
    out->json = whole(what);
    if (out->json.empty())
        out->json = "{\"pos\":" + std::to_string(what.pos) + ",\"fetch\":true}";
    else
        out->events = what.events.size();
    return out;
}

sync_packer::sync_packer(std::string from) : from_(std::move(from)) {}

void sync_packer::add(std::shared_ptr<const packed_position> what)
{
    bytes_ += what->json.size();
    queue_.push_back(std::move(what));
    while (queue_.size() > kMostPositions || bytes_ > kMostBytes) drop_oldest();
}

void sync_packer::drop_oldest()
{
    bytes_ -= queue_.front()->json.size();
    queue_.pop_front();
    ++forgotten_;
}

std::optional<sync_packer::push> sync_packer::next()
{
    if (queue_.empty()) return std::nullopt;
    push out;
    out.incarnation = queue_.front()->incarnation;
    out.body = "{\"incarnation\":" + std::to_string(out.incarnation) +
               ",\"from\":" + json_string(from_) + ",\"positions\":[";
    while (!queue_.empty() && out.positions < sync_limits::kPositions) {
        const auto& next = *queue_.front();
        const bool fits = next.incarnation == out.incarnation &&
                          out.events + next.events <= sync_limits::kEvents &&
                          out.body.size() + next.json.size() + 3 <= sync_limits::kBytes;
        if (!fits) break;
        if (out.positions > 0) out.body += ',';
        out.body += next.json;
        ++out.positions;
        out.events += next.events;
        out.highest = std::max(out.highest, next.pos);
        bytes_ -= next.json.size();
        queue_.pop_front();
    }
    out.body += "]}";
    return out;
}

void sync_packer::clear()
{
    forgotten_ += queue_.size();
    queue_.clear();
    bytes_ = 0;
}

}  // namespace kieng::cluster::wire
