#include "cluster/wire/sync_message.hpp"

#include "base/json_reader.hpp"
#include "cluster/wire/words.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace kieng::cluster::wire {
namespace {

using need = object_reader::need;

std::string element(const object_reader& in, std::string_view list, std::size_t index)
{
    return in.pointer_of(list) + "/" + std::to_string(index);
}

// The elements of a list that must be there and hold 1 to `most`; null, with a fault, if it is not so.
const nlohmann::json* list_of(object_reader& in, std::string_view name, std::size_t most)
{
    const auto* list = in.raw(name);
    const std::string allowed = "1.." + std::to_string(most);
    if (!list) {
        in.fault(name, fault_code::required, allowed);
    } else if (!list->is_array()) {
        in.fault(name, fault_code::wrong_type, "array");
    } else if (list->empty()) {
        in.fault(name, fault_code::too_few, allowed);
    } else if (list->size() > most) {
        in.fault(name, fault_code::too_many, allowed);
    } else {
        return list;
    }
    return nullptr;
}

sync_event read_event(object_reader in, std::int64_t expected_seq)
{
    const auto seq = in.integer("seq", need::required, 1, INT32_MAX);
    if (seq && *seq != expected_seq)
        in.fault("seq", fault_code::out_of_range, std::to_string(expected_seq));
    sync_event out;
    out.type = in.text("type", need::required, {.min = 1, .max = sync_limits::kName}).value_or("");
    out.entity =
        in.text("entity", need::required, {.min = 1, .max = sync_limits::kName}).value_or("");
    out.entity_id = in.uuid("entityId", need::optional).value_or("");
    out.version = in.integer("version", need::required, 0, INT64_MAX).value_or(0);
    out.tags = in.texts("tags", need::required, sync_limits::kTags,
                        {.min = 1, .max = sync_limits::kTag, .lines = true})
                   .value_or(std::vector<std::string>());
    out.at = in.time("at", need::required).value_or(wall_time{});
    out.trace =
        in.text("trace", need::optional, {.min = 0, .max = sync_limits::kTrace}).value_or("");
    const auto* data = in.raw("data");
    if (!data)
        in.fault("data", fault_code::required);
    else if (!data->is_object())
        in.fault("data", fault_code::wrong_type, "object");
    else
        out.data = data->dump();
    return out;
}

sync_position read_position(object_reader in, std::vector<field_fault>& faults,
                            std::size_t room_for_events)
{
    sync_position out;
    out.pos = in.integer("pos", need::required, 1, INT64_MAX).value_or(0);
    out.fetch = in.boolean("fetch", need::optional).value_or(false);
    if (out.fetch) {
        if (in.has("events")) in.fault("events", fault_code::depends, "only without fetch");
        return out;
    }
    const auto* events = list_of(in, "events", room_for_events);
    if (!events) return out;
    for (std::size_t i = 0; i < events->size(); ++i) {
        object_reader event((*events)[i], element(in, "events", i), faults);
        out.events.push_back(read_event(std::move(event), static_cast<std::int64_t>(i) + 1));
    }
    return out;
}

sync_message read_message(object_reader in, std::vector<field_fault>& faults)
{
    sync_message out;
    out.incarnation = in.integer("incarnation", need::required, 1, INT64_MAX).value_or(0);
    out.from = in.text("from", need::required, {.min = 1, .max = kLongestNodeId}).value_or("");
    if (!out.from.empty() && !is_node_id(out.from))
        in.fault("from", fault_code::bad_format, "node id");
    const auto* positions = list_of(in, "positions", sync_limits::kPositions);
    if (!positions) return out;
    std::size_t room = sync_limits::kEvents;
    for (std::size_t i = 0; i < positions->size() && faults.empty(); ++i) {
        object_reader position((*positions)[i], element(in, "positions", i), faults);
        out.positions.push_back(read_position(std::move(position), faults, room));
        room -= out.positions.back().events.size();
    }
    return out;
}

}  // namespace

result<sync_message> read_sync_message(std::string_view body)
{
    if (body.size() > sync_limits::kBytes) return failure(errc::payload_too_large);
    const auto value = parse_json(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    auto out = read_message(object_reader(*value, "", faults), faults);
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return out;
}

std::string write_sync_answer(std::int64_t applied)
{
    return "{\"applied\":" + std::to_string(applied) + "}";
}

result<std::int64_t> read_sync_answer(std::string_view body)
{
    if (body.size() > 1'024) return failure(errc::payload_too_large);
    const auto value = parse_json(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    object_reader in(*value, "", faults);
    const auto applied = in.integer("applied", need::required, 0, INT64_MAX);
    if (!applied) return failure(errc::validation_failed, std::move(faults));
    return *applied;
}

}  // namespace kieng::cluster::wire
