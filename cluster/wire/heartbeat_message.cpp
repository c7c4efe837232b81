#include "cluster/wire/heartbeat_message.hpp"

#include "base/encoding.hpp"
#include "base/json_reader.hpp"
#include "cluster/wire/json_writer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace kieng::cluster::wire {
namespace {

using need = object_reader::need;

constexpr int kWorstPriority = 1'000'000;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::chrono::milliseconds kLongestAge = std::chrono::hours(24 * 365);

std::int64_t whole_milliseconds(instant age)
{
    const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(age);
    return std::clamp(whole, std::chrono::milliseconds(0), kLongestAge).count();
}

std::string hex16(std::uint64_t value)
{
    std::string bytes(8, '\0');
    for (int i = 7; i >= 0; --i, value >>= 8)
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xFF);
    return to_hex(bytes);
}

std::string opinions_json(const opinions& held)
{
    json_object out;
    for (const auto& [node, word] : held) out.text(node, name_of(word));
    return out.done();
}

std::string mark_json(const hash_mark& mark)
{
    return json_object().integer("pos", mark.pos).text("value", hex16(mark.value)).done();
}

std::string database_json(const beat& state)
{
    json_object out;
    out.text("state", name_of(state.database));
    if (state.database_age) out.integer("ageMs", whole_milliseconds(*state.database_age));
    return out.done();
}

bool is_hex(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::uint64_t hex_digit(char c) noexcept
{
    return static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

std::int64_t count(object_reader& in, std::string_view name)
{
    return in.integer(name, need::required, 0, kMost).value_or(0);
}

std::string hex_text(object_reader& in, std::string_view name, std::size_t min, std::size_t max)
{
    auto text = in.text(name, need::required, {.min = min, .max = max}).value_or("");
    if (is_hex(text)) return text;
    in.fault(name, fault_code::bad_format, "lower-case hex");
    return {};
}

std::string node_id_text(object_reader& in, std::string_view name)
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

// A word a newer node may have reads as unknown.
void read_opinions(beat& out, object_reader& in)
{
    const auto* value = in.raw("opinions");
    if (!value || value->is_null()) return;
    if (!value->is_object() || value->size() > kMostNodes) {
        in.fault("opinions", fault_code::wrong_type, "object of at most 64 opinions");
        return;
    }
    out.held.emplace();
    for (const auto& [node, word] : value->items()) {
        if (!is_node_id(node) || !word.is_string()) {
            in.fault("opinions", fault_code::bad_format, "node id: word");
            return;
        }
        out.held->emplace(node, member_state_named(word.get_ref<const std::string&>()));
    }
}

std::vector<hash_mark> read_marks(object_reader& in, std::vector<field_fault>& faults)
{
    std::vector<hash_mark> out;
    const auto* list = in.raw("marks");
    if (!list || !list->is_array() || list->size() > kMostMarks) {
        in.fault("marks", fault_code::wrong_type, "array of at most 64 marks");
        return out;
    }
    for (const auto& one : *list) {
        object_reader mark(one, in.pointer_of("marks") + "/" + std::to_string(out.size()), faults);
        hash_mark read;
        read.pos = mark.integer("pos", need::required, 0, kMost).value_or(0);
        for (const char c : hex_text(mark, "value", 16, 16))
            read.value = read.value << 4 | hex_digit(c);
        out.push_back(read);
    }
    return out;
}

std::optional<instant> read_age(object_reader& in, std::string_view name, need n)
{
    const auto age = in.integer(name, n, 0, kLongestAge.count());
    if (!age) return std::nullopt;
    return std::chrono::milliseconds(*age);
}

void read_database(beat& out, object_reader& in, std::vector<field_fault>& faults)
{
    const auto* value = in.raw("database");
    if (!value) {
        in.fault("database", fault_code::required);
        return;
    }
    object_reader database(*value, in.pointer_of("database"), faults);
    out.database = database_state_named(
        database.text("state", need::required, {.min = 1, .max = 20}).value_or(""));
    out.database_age = read_age(database, "ageMs", need::optional);
}

node_identity read_identity(object_reader& in)
{
    node_identity out;
    out.id = node_id_text(in, "node");
    out.url = peer_url(in, "url");
    out.boot = in.uuid("boot", need::required).value_or("");
    out.priority =
        static_cast<int>(in.integer("priority", need::required, 0, kWorstPriority).value_or(0));
    out.version = in.text("version", need::required, {.min = 1, .max = 60}).value_or("");
    return out;
}

beat read_state(object_reader& in, std::vector<field_fault>& faults)
{
    beat out;
    const auto flag = [&in](std::string_view name) {
        return in.boolean(name, need::required).value_or(false);
    };
    out.epoch = count(in, "epoch");
    out.pos = count(in, "pos");
    out.applied = count(in, "applied");
    out.view = count(in, "view");
    read_database(out, in, faults);
    out.loops_age = read_age(in, "loopsAgeMs", need::required).value_or(instant{0});
    out.active = in.choice("role", need::required, {"active", "standby"}) == "active";
    out.draining = flag("draining");
    out.resigned = flag("resigned");
    out.self_blame = flag("selfBlame");
    read_opinions(out, in);
    return out;
}

node_condition read_condition(object_reader& in)
{
    node_condition out;
    out.settings_hash = hex_text(in, "settingsHash", 0, 64);
    out.certificate_expires = in.time("certificateExpires", need::optional);
    const auto free = in.integer("diskFreeBytes", need::optional, 0, kMost);
    const auto total = in.integer("diskTotalBytes", need::optional, 0, kMost);
    if (free)
        out.disk = disk_space{static_cast<std::uint64_t>(*free),
                              static_cast<std::uint64_t>(total.value_or(0))};
    return out;
}

std::optional<history_loss> read_loss(object_reader& in, std::vector<field_fault>& faults)
{
    const auto* value = in.raw("historyLost");
    if (!value || value->is_null()) return std::nullopt;
    object_reader loss(*value, in.pointer_of("historyLost"), faults);
    history_loss out;
    out.incarnation = count(loss, "incarnation");
    out.how = loss.text("how", need::required, {.min = 1, .max = 200}).value_or("");
    out.at = loss.time("at", need::required).value_or(wall_time{});
    return out;
}

heartbeat_message read_message(object_reader in, std::vector<field_fault>& faults)
{
    heartbeat_message out;
    out.state.node = read_identity(in);
    out.state.state = read_state(in, faults);
    out.state.incarnation = count(in, "incarnation");
    out.state.condition = read_condition(in);
    out.state.marks = read_marks(in, faults);
    out.state.lost = read_loss(in, faults);
    out.sent_at = in.time("sentAt", need::required).value_or(wall_time{});
    out.uptime =
        std::chrono::seconds(in.integer("uptimeSeconds", need::required, 0, INT32_MAX).value_or(0));
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
    const auto& [node, state, incarnation, house, marks, lost] = what.state;
    json_object out;
    out.text("node", node.id).text("url", node.url).text("boot", node.boot);
    out.integer("priority", node.priority).text("version", node.version);
    out.text("settingsHash", house.settings_hash).integer("incarnation", incarnation);
    out.integer("epoch", state.epoch).text("role", state.active ? "active" : "standby");
    out.integer("view", state.view).integer("pos", state.pos).integer("applied", state.applied);
    out.raw("marks", json_array(marks, mark_json)).raw("database", database_json(state));
    out.integer("loopsAgeMs", whole_milliseconds(state.loops_age));
    out.boolean("draining", state.draining).boolean("resigned", state.resigned);
    out.boolean("selfBlame", state.self_blame);
    if (state.held) out.raw("opinions", opinions_json(*state.held));
    out.text("sentAt", to_iso8601(what.sent_at)).integer("uptimeSeconds", what.uptime.count());
    if (house.certificate_expires)
        out.text("certificateExpires", to_iso8601(*house.certificate_expires));
    if (house.disk) {
        out.integer("diskFreeBytes", static_cast<std::int64_t>(house.disk->free));
        out.integer("diskTotalBytes", static_cast<std::int64_t>(house.disk->total));
    }
    if (lost)
        out.raw("historyLost", json_object()
                                   .integer("incarnation", lost->incarnation)
                                   .text("how", lost->how)
                                   .text("at", to_iso8601(lost->at))
                                   .done());
    return out.done();
}

result<heartbeat_message> read_heartbeat(std::string_view body)
{
    const auto value = parse(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    auto out = read_message(object_reader(*value, "", faults), faults);
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

std::string write_heartbeat_answer(const heartbeat_answer& what)
{
    return json_object()
        .raw("state", write_heartbeat(what.answer))
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
        out.answer = read_message(object_reader(*state, "/state", faults), faults);
    else
        in.fault("state", fault_code::required);
    out.received_at = in.time("receivedAt", need::required).value_or(wall_time{});
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

}  // namespace kieng::cluster::wire
