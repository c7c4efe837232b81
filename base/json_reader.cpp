#include "base/json_reader.hpp"

#include "base/encoding.hpp"
#include "base/ids.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace kieng {
namespace {

using json = nlohmann::json;

std::string escape_pointer(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out.push_back(c);
    }
    return out;
}

// Builds the value while checking what nlohmann's own reader lets pass: duplicate keys, depth, NUL in strings, numbers
// that do not fit. Recursion is replaced by a stack, so that depth costs no machine stack.
class strict_builder final : public nlohmann::json_sax<json> {
public:
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override
    {
        if (value > static_cast<number_unsigned_t>(INT64_MAX))
            return put(static_cast<double>(value));
        return put(static_cast<std::int64_t>(value));
    }
    bool number_float(number_float_t value, const string_t&) override
    {
        return std::isfinite(value) ? put(value)
                                    : stop({"Số vượt quá giới hạn.", "A number is out of range."});
    }
    bool string(string_t& value) override
    {
        if (value.find('\0') != std::string::npos)
            return stop({"Chuỗi có ký tự NUL.", "A string contains NUL."});
        return put(std::move(value));
    }
    bool binary(binary_t&) override { return stop({"Không phải JSON.", "This is not JSON."}); }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override
    {
        if (name.find('\0') != std::string::npos)
            return stop({"Tên có ký tự NUL.", "A name contains NUL."});
        auto& top = stack_.back();
        top.key = name;
        if (top.value->contains(name))
            return stop({"Một tên được gửi hai lần.", "A name is given twice."},
                        fault_code::duplicate);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override
    {
        return stop({"Không phải JSON ở byte " + std::to_string(position) + ".",
                     "Not JSON at byte " + std::to_string(position) + "."});
    }

    [[nodiscard]] json& value() noexcept { return root_; }
    [[nodiscard]] const sentence& reason() const noexcept { return reason_; }
    [[nodiscard]] fault_code code() const noexcept { return code_; }
    [[nodiscard]] std::string pointer() const
    {
        std::string out;
        for (const auto& at : stack_) {
            if (at.value->is_array())
                out += "/" + std::to_string(at.value->size());
            else if (!at.key.empty())
                out += "/" + escape_pointer(at.key);
        }
        return out;
    }

private:
    struct frame {
        json* value;
        std::string key;
    };

    bool stop(sentence why, fault_code code = fault_code::syntax)
    {
        if (reason_.empty()) {
            reason_ = std::move(why);
            code_ = code;
        }
        return false;
    }
    json* place(json&& value)
    {
        if (stack_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        auto& top = stack_.back();
        if (top.value->is_array()) {
            top.value->push_back(std::move(value));
            return &top.value->back();
        }
        return &(*top.value)[top.key].operator=(std::move(value));
    }
    template <class T>
    bool put(T&& value)
    {
        place(json(std::forward<T>(value)));
        return true;
    }
    bool open(json&& empty)
    {
        if (stack_.size() >= kMaxJsonDepth)
            return stop({"Lồng sâu quá " + std::to_string(kMaxJsonDepth) + " tầng.",
                         "Nested deeper than " + std::to_string(kMaxJsonDepth) + " levels."},
                        fault_code::too_deep);
        json* at = place(std::move(empty));
        stack_.push_back({at, {}});
        return true;
    }
    bool close()
    {
        stack_.pop_back();
        return true;
    }

    json root_;
    std::vector<frame> stack_;
    sentence reason_;
    fault_code code_ = fault_code::syntax;
};

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

result<json> parse_json(std::string_view text)
{
    const auto malformed = [](std::string pointer, fault_code code, sentence why) {
        failure f(errc::malformed_json, std::move(why));
        f.fields.push_back({std::move(pointer), code, "JSON (RFC 8259)"});
        return f;
    };
    // The library would take a NUL for the end of the text.
    if (text.find('\0') != std::string_view::npos)
        return malformed("", fault_code::syntax, {"Có ký tự NUL.", "There is a NUL in it."});
    if (!is_utf8(text))
        return malformed("", fault_code::bad_utf8, {"Không phải UTF-8.", "This is not UTF-8."});
    if (text.starts_with("\xEF\xBB\xBF"))
        return malformed("", fault_code::syntax,
                         {"Không được có byte order mark.", "A byte order mark is not allowed."});
    strict_builder builder;
    if (!json::sax_parse(text.begin(), text.end(), &builder))
        return malformed(builder.pointer(), builder.code(), builder.reason());
    return result<json>(boost::system::in_place_value, std::move(builder.value()));
}

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
    if (!at) fault(name, fault_code::bad_format, "ISO 8601 UTC, for example 2026-11-20T09:00:00Z");
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
        fault(name, fault_code::too_many, "at most " + std::to_string(max_items));
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
        fault(name, fault_code::too_many, "at most " + std::to_string(max_items));
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
