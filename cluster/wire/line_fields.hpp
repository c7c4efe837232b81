// Writes and reads the fields of a stream line (beat_line.hpp): each behind one space, "-" for nothing.
// Not thread safe; one per line.
#pragma once

#include "cluster/wire/base36.hpp"
#include "cluster/wire/words.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::cluster::wire {

class line_writer {
public:
    explicit line_writer(char kind) : out_(1, kind) {}

    line_writer& number(std::uint64_t value)
    {
        out_ += ' ';
        append_base36(out_, value);
        return *this;
    }
    line_writer& position(std::int64_t value)
    {
        return number(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)));
    }
    line_writer& age(std::optional<std::chrono::milliseconds> value, std::chrono::milliseconds most)
    {
        return value ? position(std::min(*value, most).count()) : letter('-');
    }
    line_writer& letter(char c)
    {
        (out_ += ' ') += c;
        return *this;
    }
    line_writer& text(std::string_view value)
    {
        (out_ += ' ') += value.empty() ? std::string_view("-") : value;
        return *this;
    }
    [[nodiscard]] std::string done() { return std::move(out_); }

private:
    std::string out_;
};

// Takes fields off the front of a line; good() once all that were asked for were well-formed.
class line_fields {
public:
    explicit line_fields(std::string_view fields) : rest_(fields) {}

    std::string_view text()
    {
        if (rest_.empty() || rest_.front() != ' ') {
            good_ = false;
            return {};
        }
        const auto end = rest_.find(' ', 1);
        const auto field = rest_.substr(1, end == rest_.npos ? rest_.npos : end - 1);
        rest_.remove_prefix(1 + field.size());
        if (field.empty()) good_ = false;
        return field;
    }
    std::uint64_t number(std::uint64_t most) { return taken(read_base36(text(), most)); }
    std::int64_t position()
    {
        return static_cast<std::int64_t>(number(std::numeric_limits<std::int64_t>::max()));
    }
    std::optional<std::chrono::milliseconds> age(std::chrono::milliseconds most)
    {
        const auto field = text();
        if (field == "-") return std::nullopt;
        return std::chrono::milliseconds(
            taken(read_base36(field, static_cast<std::uint64_t>(most.count()))));
    }
    std::string node()
    {
        const auto field = text();
        if (!is_node_id(field)) good_ = false;
        return std::string(field);
    }
    char letter()
    {
        const auto field = text();
        if (field.size() != 1) good_ = false;
        return field.empty() ? ' ' : field.front();
    }
    void refuse() { good_ = false; }
    [[nodiscard]] bool more() const { return good_ && !rest_.empty(); }
    // What is left is fields this version does not know.
    [[nodiscard]] bool good() const
    {
        return good_ && (rest_.empty() || (rest_.front() == ' ' && rest_.size() > 1));
    }

private:
    std::uint64_t taken(std::optional<std::uint64_t> value)
    {
        if (!value) good_ = false;
        return value.value_or(0);
    }

    std::string_view rest_;
    bool good_ = true;
};

}  // namespace kieng::cluster::wire
