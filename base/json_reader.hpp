// Strict reading of JSON from clients, with every fault named by its JSON pointer.
//
// parse_json takes exactly RFC 8259: no duplicate keys, no NaN, no lone surrogates, no NUL, nothing behind the value, at most
// 32 levels deep. object_reader then takes an object apart field by field; what is missing, mistyped, out of range or
// unknown is collected, so that one answer names all faults of a request.
//
// Not thread safe; readers borrow the parsed value, which must outlive them.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kieng {

inline constexpr std::size_t kMaxJsonDepth = 32;

// Errors: malformed_json, with the pointer of the place and what is wrong there.
[[nodiscard]] result<nlohmann::json> parse_json(std::string_view text);

struct text_rule {
    std::size_t min = 0;  // code points, after trimming nothing: text is taken as it is
    std::size_t max = 200;
    bool lines =
        false;  // whether line breaks and tabs are allowed; other control characters never are
};

// Takes one JSON object apart. Each field is asked for once by name; finish() reports what nobody asked for.
// The readers return nothing when the field is absent or null or at fault; a fault is recorded unless the field is optional
// and absent. Where null is an answer of its own, ask is_null first.
class object_reader {
public:
    // A value that is no object is a fault of its own, and every field then reads as absent without further faults.
    object_reader(const nlohmann::json& value, std::string pointer,
                  std::vector<field_fault>& faults);

    enum class need : std::uint8_t { optional = 1, required };

    [[nodiscard]] bool has(std::string_view name);
    [[nodiscard]] bool is_null(std::string_view name);
    // The value as it is, null if the field is absent: for members whose names are data, such as attributes.
    [[nodiscard]] const nlohmann::json* raw(std::string_view name);

    std::optional<std::string> text(std::string_view name, need n, text_rule rule = {});
    std::optional<std::int64_t> integer(std::string_view name, need n, std::int64_t min,
                                        std::int64_t max);
    std::optional<bool> boolean(std::string_view name, need n);
    std::optional<std::string> choice(std::string_view name, need n,
                                      const std::vector<std::string_view>& allowed);
    std::optional<std::string> uuid(std::string_view name, need n);
    std::optional<wall_time> time(std::string_view name, need n);
    std::optional<std::vector<std::string>> texts(std::string_view name, need n,
                                                  std::size_t max_items, text_rule rule);

    // A nested object: calls read(object_reader&) when it is there and is an object.
    bool object(std::string_view name, need n, const std::function<void(object_reader&)>& read);
    // A nested array of objects: calls read once per element, in order, with the index in the pointer.
    bool objects(std::string_view name, need n, std::size_t max_items,
                 const std::function<void(object_reader&)>& read);

    // Records a fault found by a rule of the caller's.
    void fault(std::string_view name, fault_code code, std::string allowed = {});
    // The pointer of a field of this object.
    [[nodiscard]] std::string pointer_of(std::string_view name) const;

    // Call last: fields that were never asked for are unknown.
    void finish();

private:
    const nlohmann::json* field(std::string_view name, need n);

    const nlohmann::json* object_;  // null when the value is no object
    std::string pointer_;
    std::vector<field_fault>& faults_;
    std::set<std::string, std::less<>> asked_;
};

// Parses `body` as one object, lets `read` take it apart, and reports all faults at once.
// Errors: malformed_json, validation_failed.
[[nodiscard]] result<void> read_json_object(std::string_view body,
                                            const std::function<void(object_reader&)>& read);

}  // namespace kieng
