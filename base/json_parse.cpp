// The strict parser of json_reader.hpp.
#include "base/encoding.hpp"
#include "base/json_pointer.hpp"
#include "base/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace kieng {
namespace {

using json = nlohmann::json;

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

}  // namespace kieng
