// Ids are UUIDv7 (RFC 9562 §5.7): they sort by the microsecond they were made in. Strong types keep a product's id from
// being taken for a user's.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kieng {

// A new UUIDv7 in lower-case text form.
[[nodiscard]] std::string make_uuid(const clock& now, random& bits);
void append_uuid(std::string& out, const clock& now, random& bits);

// The canonical lower-case form, or nothing if the text is no UUID (any version; upper case accepted).
[[nodiscard]] std::optional<std::string> parse_uuid(std::string_view text);

// An id of one kind of thing. Tag is an empty struct that names the kind.
template <class Tag>
class id {
public:
    id() = default;
    // REQUIRES: canonical UUID text, as made by make_uuid or read from the database.
    explicit id(std::string canonical) : text_(std::move(canonical)) {}

    [[nodiscard]] static std::optional<id> parse(std::string_view text)
    {
        auto canonical = parse_uuid(text);
        if (!canonical) return std::nullopt;
        return id(*std::move(canonical));
    }
    [[nodiscard]] static id make(const clock& now, random& bits)
    {
        return id(make_uuid(now, bits));
    }

    [[nodiscard]] const std::string& str() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    friend auto operator<=>(const id&, const id&) = default;

private:
    std::string text_;
};

}  // namespace kieng
