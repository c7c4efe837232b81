#include "cluster/wire/heartbeat_message.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <limits>

namespace kieng::cluster::wire {
namespace {

using need = object_reader::need;

constexpr int kWorstPriority = 1'000'000;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

class writer {
public:
    writer& text(std::string_view name, std::string_view value)
    {
        append_json_string(member(name), value);
        return *this;
    }
    writer& integer(std::string_view name, std::int64_t value)
    {
        member(name) += std::to_string(value);
        return *this;
    }
    writer& raw(std::string_view name, std::string_view json)
    {
        member(name) += json;
        return *this;
    }
    [[nodiscard]] std::string done() const { return out_ + "}"; }

private:
    std::string& member(std::string_view name)
    {
        if (out_.size() > 1) out_ += ',';
        append_json_string(out_, name);
        out_ += ':';
        return out_;
    }

    std::string out_ = "{";
};

std::string hex16(std::uint64_t value)
{
    std::string bytes(8, '\0');
    for (int i = 7; i >= 0; --i, value >>= 8)
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xFF);
    return to_hex(bytes);
}

std::string opinions_json(const opinions& held)
{
    writer out;
    for (const auto& [node, word] : held) out.text(node, name_of(word));
    return out.done();
}

bool is_hex(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string hex_text(object_reader& in, std::string_view name, std::size_t min, std::size_t max)
{
    auto text = in.text(name, need::required, {.min = min, .max = max}).value_or("");
    if (!is_hex(text)) in.fault(name, fault_code::bad_format, "lower-case hex");
    return text;
}

std::string node_id(object_reader& in, std::string_view name)
{
    auto text = in.text(name, need::required, {.min = 1, .max = kLongestNodeId}).value_or("");
    if (!text.empty() && !is_node_id(text)) in.fault(name, fault_code::bad_format, "node id");
    return text;
}

std::string peer_url(object_reader& in, std::string_view name)
{
    auto text = in.text(name, need::required, {.min = 8, .max = 300}).value_or("");
    const bool known = text.starts_with("http://") || text.starts_with("https://");
    const bool visible =
        std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!text.empty() && (!known || !visible))
        in.fault(name, fault_code::bad_format, "http:// or https:// URL");
    return text;
}

database_word database_of(std::string_view name) noexcept
{
    for (const auto word : {database_word::well, database_word::slow, database_word::lost})
        if (name_of(word) == name) return word;
    return database_word::unknown;
}

// A word a newer node may have reads as unknown.
opinions read_opinions(object_reader& in)
{
    opinions out;
    const auto* value = in.raw("opinions");
    if (!value || !value->is_object() || value->size() > kMostNodes) {
        in.fault("opinions", fault_code::wrong_type, "object of at most 64 opinions");
        return out;
    }
    for (const auto& [node, word] : value->items()) {
        if (!is_node_id(node) || !word.is_string()) {
            in.fault("opinions", fault_code::bad_format, "node id: word");
            return out;
        }
        out[node] = opinion_named(word.get_ref<const std::string&>()).value_or(opinion::unknown);
    }
    return out;
}

std::optional<rolling_mark> read_rolling(object_reader& in, std::vector<field_fault>& faults)
{
    const auto* value = in.raw("rolling");
    if (!value || value->is_null()) return std::nullopt;
    object_reader mark(*value, in.pointer_of("rolling"), faults);
    rolling_mark out;
    out.pos = mark.integer("pos", need::required, 0, kMost).value_or(0);
    for (const char c : hex_text(mark, "value", 16, 16))
        out.value = out.value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    return out;
}

void read_database(heartbeat_message& out, object_reader& in, std::vector<field_fault>& faults)
{
    const auto* value = in.raw("database");
    if (!value) {
        in.fault("database", fault_code::required);
        return;
    }
    object_reader database(*value, in.pointer_of("database"), faults);
    out.database = database_of(
        database.text("state", need::required, {.min = 1, .max = 20}).value_or("unknown"));
    const auto time = database.integer("microseconds", need::optional, 0, kMost / 1'000);
    if (time) out.database_time = std::chrono::microseconds(*time);
}

heartbeat_message read_state(object_reader in, std::vector<field_fault>& faults)
{
    heartbeat_message out;
    const auto count = [&in](std::string_view name) {
        return in.integer(name, need::required, 0, kMost).value_or(0);
    };
    out.node = node_id(in, "node");
    out.url = peer_url(in, "url");
    out.boot = in.uuid("boot", need::required).value_or("");
    out.priority =
        static_cast<int>(in.integer("priority", need::required, 0, kWorstPriority).value_or(0));
    out.version = in.text("version", need::required, {.min = 1, .max = 60}).value_or("");
    out.settings_hash = hex_text(in, "settingsHash", 0, 64);
    out.incarnation = count("incarnation");
    out.epoch = count("epoch");
    const auto role = in.choice("role", need::required, {"active", "standby"});
    out.role = role == "active" ? role_word::active : role_word::standby;
    out.view = count("view");
    out.pos = count("pos");
    out.applied = count("applied");
    out.rolling = read_rolling(in, faults);
    read_database(out, in, faults);
    out.sent_at = in.time("sentAt", need::required).value_or(wall_time{});
    out.uptime =
        std::chrono::seconds(in.integer("uptimeSeconds", need::required, 0, INT32_MAX).value_or(0));
    out.certificate_expires = in.time("certificateExpires", need::optional);
    if (const auto free = in.integer("diskFreeBytes", need::optional, 0, kMost))
        out.disk_free_bytes = static_cast<std::uint64_t>(*free);
    out.peers = read_opinions(in);
    out.draining = in.boolean("draining", need::required).value_or(false);
    return out;
}

result<nlohmann::json> parse(std::string_view body)
{
    if (body.size() > kLongestHeartbeat) return failure(errc::payload_too_large);
    return parse_json(body);
}

}  // namespace

std::string write_heartbeat(const heartbeat_message& what)
{
    writer out;
    out.text("node", what.node).text("url", what.url).text("boot", what.boot);
    out.integer("priority", what.priority).text("version", what.version);
    out.text("settingsHash", what.settings_hash).integer("incarnation", what.incarnation);
    out.integer("epoch", what.epoch).text("role", name_of(what.role)).integer("view", what.view);
    out.integer("pos", what.pos).integer("applied", what.applied);
    if (what.rolling)
        out.raw("rolling", writer()
                               .integer("pos", what.rolling->pos)
                               .text("value", hex16(what.rolling->value))
                               .done());
    writer database;
    database.text("state", name_of(what.database));
    if (what.database_time) database.integer("microseconds", what.database_time->count());
    out.raw("database", database.done());
    out.text("sentAt", to_iso8601(what.sent_at)).integer("uptimeSeconds", what.uptime.count());
    if (what.certificate_expires)
        out.text("certificateExpires", to_iso8601(*what.certificate_expires));
    if (what.disk_free_bytes)
        out.integer("diskFreeBytes", static_cast<std::int64_t>(*what.disk_free_bytes));
    out.raw("opinions", opinions_json(what.peers));
    out.raw("draining", what.draining ? "true" : "false");
    return out.done();
}

result<heartbeat_message> read_heartbeat(std::string_view body)
{
    const auto value = parse(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    auto out = read_state(object_reader(*value, "", faults), faults);
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

std::string write_heartbeat_answer(const heartbeat_answer& what)
{
    return writer()
        .raw("state", write_heartbeat(what.state))
        .text("receivedAt", to_iso8601(what.received_at))
        .done();
}

result<heartbeat_answer> read_heartbeat_answer(std::string_view body)
{
    const auto value = parse(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    object_reader in(*value, "", faults);
    heartbeat_answer out;
    if (const auto* state = in.raw("state"))
        out.state = read_state(object_reader(*state, "/state", faults), faults);
    else
        in.fault("state", fault_code::required);
    out.received_at = in.time("receivedAt", need::required).value_or(wall_time{});
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

clock_reading compare_clocks(wall_time sent, wall_time received, wall_time answered,
                             wall_time returned) noexcept
{
    clock_reading out;
    out.offset = ((received - sent) + (answered - returned)) / 2;
    out.round_trip = (returned - sent) - (answered - received);
    return out;
}

}  // namespace kieng::cluster::wire
