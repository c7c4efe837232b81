#include "base/json_reader.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/json_pointer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace kieng {
namespace {

using json = nlohmann::json;

std::string range(std::int64_t min, std::int64_t max)
{
    return std::to_string(min) + ".." + std::to_string(max);
}

// A control character that must not stand in the text, if there is one.
bool has_forbidden_control(std::string_view text, bool lines)
{
    return std::any_of(text.begin(), text.end(), [lines](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) return false;
        return !(lines && (c == '\n' || c == '\r' || c == '\t'));
    });
}

std::optional<field_fault> check_text(std::string pointer, std::string_view text, text_rule rule)
{
    const auto fault = [&](fault_code code, std::string allowed) {
        return field_fault{std::move(pointer), code, std::move(allowed)};
    };
    const std::size_t length = utf8_length(text);
    if (length < rule.min)
        return fault(fault_code::too_short, range(static_cast<std::int64_t>(rule.min),
                                                  static_cast<std::int64_t>(rule.max)));
    if (length > rule.max)
        return fault(fault_code::too_long, range(static_cast<std::int64_t>(rule.min),
                                                 static_cast<std::int64_t>(rule.max)));
    if (has_forbidden_control(text, rule.lines))
        return fault(fault_code::bad_format, "no control characters");
    return std::nullopt;
}

std::string joined(const std::vector<std::string_view>& words)
{
    std::string out;
    for (const auto word : words) {
        if (!out.empty()) out += '|';
        out += word;
    }
    return out;
}

}  // namespace

object_reader::object_reader(const json& value, std::string pointer,
                             std::vector<field_fault>& faults)
    : object_(value.is_object() ? &value : nullptr),
      pointer_(std::move(pointer)),
      faults_(faults)
{
    if (!object_) faults_.push_back({pointer_, fault_code::wrong_type, "object"});
}

std::string object_reader::pointer_of(std::string_view name) const
{
    return pointer_ + "/" + escape_pointer(name);
}

void object_reader::fault(std::string_view name, fault_code code, std::string allowed)
{
    faults_.push_back({pointer_of(name), code, std::move(allowed)});
}

bool object_reader::has(std::string_view name)
{
    asked_.emplace(name);
    return object_ && object_->contains(name);
}

bool object_reader::is_null(std::string_view name)
{
    return has(name) && object_->find(name)->is_null();
}

const json* object_reader::raw(std::string_view name)
{
    return has(name) ? &*object_->find(name) : nullptr;
}

const json* object_reader::field(std::string_view name, need n)
{
    if (!has(name)) {
        if (n == need::required && object_) fault(name, fault_code::required);
        return nullptr;
    }
    if (object_->find(name)->is_null()) {
        if (n == need::required) fault(name, fault_code::not_null);
        return nullptr;
    }
    return &*object_->find(name);
}

std::optional<std::string> object_reader::text(std::string_view name, need n, text_rule rule)
{
    const json* value = field(name, n);
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        fault(name, fault_code::wrong_type, "string");
        return std::nullopt;
    }
    const auto& text = value->get_ref<const std::string&>();
    if (auto wrong = check_text(pointer_of(name), text, rule)) {
        faults_.push_back(*std::move(wrong));
        return std::nullopt;
    }
    return text;
}

std::optional<std::int64_t> object_reader::integer(std::string_view name, need n, std::int64_t min,
                                                   std::int64_t max)
{
    const json* value = field(name, n);
    if (!value) return std::nullopt;
    if (!value->is_number_integer()) {
        const bool huge = value->is_number_float() && std::abs(value->get<double>()) >= 9.2e18;
        fault(name, huge ? fault_code::out_of_range : fault_code::wrong_type,
              huge ? range(min, max) : "integer");
        return std::nullopt;
    }
    const auto number = value->get<std::int64_t>();
    if (number < min || number > max) {
        fault(name, fault_code::out_of_range, range(min, max));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> object_reader::boolean(std::string_view name, need n)
{
    const json* value = field(name, n);
    if (!value) return std::nullopt;
    if (!value->is_boolean()) {
        fault(name, fault_code::wrong_type, "true|false");
        return std::nullopt;
    }
    return value->get<bool>();
}

std::optional<std::string> object_reader::choice(std::string_view name, need n,
                                                 const std::vector<std::string_view>& allowed)
{
    const json* value = field(name, n);
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        fault(name, fault_code::wrong_type, joined(allowed));
        return std::nullopt;
    }
    const auto& text = value->get_ref<const std::string&>();
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
        fault(name, fault_code::not_one_of, joined(allowed));
        return std::nullopt;
    }
    return text;
}

std::optional<std::string> object_reader::uuid(std::string_view name, need n)
{
    const auto value = text(name, n, {.min = 0, .max = 100});
    if (!value) return std::nullopt;
    auto canonical = parse_uuid(*value);
    if (!canonical) fault(name, fault_code::bad_format, "UUID");
    return canonical;
}

std::optional<wall_time> object_reader::time(std::string_view name, need n)
{
    const auto value = text(name, n, {.min = 0, .max = 100});
    if (!value) return std::nullopt;
    const auto at = from_iso8601(*value);
    if (!at) fault(name, fault_code::bad_format, "ISO 8601 UTC (2026-11-20T09:00:00Z)");
    return at;
}

std::optional<std::vector<std::string>> object_reader::texts(std::string_view name, need n,
                                                             std::size_t max_items, text_rule rule)
{
    const json* value = field(name, n);
    if (!value) return std::nullopt;
    if (!value->is_array()) {
        fault(name, fault_code::wrong_type, "array of strings");
        return std::nullopt;
    }
    if (value->size() > max_items) {
        fault(name, fault_code::too_many, "<= " + std::to_string(max_items));
        return std::nullopt;
    }
    const std::size_t before = faults_.size();
    std::vector<std::string> out;
    for (std::size_t i = 0; i < value->size(); ++i) {
        const json& item = (*value)[i];
        const std::string pointer = pointer_of(name) + "/" + std::to_string(i);
        if (!item.is_string()) {
            faults_.push_back({pointer, fault_code::wrong_type, "string"});
        } else if (auto wrong = check_text(pointer, item.get_ref<const std::string&>(), rule)) {
            faults_.push_back(*std::move(wrong));
        } else {
            out.push_back(item.get<std::string>());
        }
    }
    if (faults_.size() != before) return std::nullopt;
    return out;
}

bool object_reader::object(std::string_view name, need n,
                           const std::function<void(object_reader&)>& read)
{
    const json* value = field(name, n);
    if (!value) return false;
    object_reader nested(*value, pointer_of(name), faults_);
    if (!value->is_object()) return false;
    read(nested);
    nested.finish();
    return true;
}

bool object_reader::objects(std::string_view name, need n, std::size_t max_items,
                            const std::function<void(object_reader&)>& read)
{
    const json* value = field(name, n);
    if (!value) return false;
    if (!value->is_array()) {
        fault(name, fault_code::wrong_type, "array of objects");
        return false;
    }
    if (value->size() > max_items) {
        fault(name, fault_code::too_many, "<= " + std::to_string(max_items));
        return false;
    }
    for (std::size_t i = 0; i < value->size(); ++i) {
        object_reader nested((*value)[i], pointer_of(name) + "/" + std::to_string(i), faults_);
        if (!(*value)[i].is_object()) continue;
        read(nested);
        nested.finish();
    }
    return true;
}

void object_reader::finish()
{
    if (!object_) return;
    for (const auto& [name, value] : object_->items()) {
        if (!asked_.contains(name)) fault(name, fault_code::unknown);
    }
}

result<void> read_json_object(std::string_view body,
                              const std::function<void(object_reader&)>& read)
{
    auto value = parse_json(body);
    if (!value) return value.error();
    std::vector<field_fault> faults;
    object_reader reader(*value, "", faults);
    if (value->is_object()) {
        read(reader);
        reader.finish();
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return {};
}

}  // namespace kieng
