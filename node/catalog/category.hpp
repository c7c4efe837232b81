// A category and the rules of the tree. Pure values: no clock, no database, no JSON.
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

inline constexpr std::size_t kMaxCategoryLevels = 8;

struct category_fields {
    std::string name;
    std::string slug;
    std::string parent_id;  // empty: on top
};

struct category {
    std::string id;
    category_fields fields;
    std::string path;  // slugs from the top, joined by '/'
    std::int64_t version = 1;
    wall_time created_at{};
    wall_time updated_at{};
};

struct category_change {
    std::optional<std::string> name;
    std::optional<std::string> slug;
    std::optional<std::optional<std::string>> parent_id;  // present and empty: to the top
    std::optional<std::int64_t> version;
};

enum class category_field : std::uint8_t { name = 1, slug, parent };
inline constexpr std::array kCategoryFields{category_field::name, category_field::slug,
                                            category_field::parent};
[[nodiscard]] std::string_view name_of(category_field f) noexcept;
[[nodiscard]] const std::string& value_of(category_field f, const category_fields& of) noexcept;

[[nodiscard]] category_fields apply(const category_fields& base, const category_change& change);

struct category_merge {
    category_fields fields;
    std::vector<category_field> kept;       // changed by others since, and kept
    std::vector<category_field> conflicts;  // changed by both to different values
};
[[nodiscard]] category_merge merge(const category_fields& base, const category_fields& theirs,
                                   const category_fields& yours);

// Levels of a path: "a/b" has two.
[[nodiscard]] std::size_t levels_of(std::string_view path) noexcept;
// Whether `path` is `above` itself or below it.
[[nodiscard]] bool is_within(std::string_view path, std::string_view above) noexcept;

}  // namespace kieng::catalog
