// The route table as a tree of path segments. Literal segments win over parameters; an encoded slash stays inside its
// segment; a trailing slash is another path (404); an optional first segment "v1" is overlooked.
//
// Immutable after construction, thread safe. The constructor throws std::invalid_argument for a route that stands twice or
// cannot be read: such a table must not start.
#pragma once

#include "node/platform/http/route.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::http {

[[nodiscard]] std::optional<verb> verb_of(std::string_view method) noexcept;

class router {
public:
    static constexpr std::size_t kMaxSegments = 16;

    explicit router(std::vector<route> table);
    ~router();
    router(const router&) = delete;
    router& operator=(const router&) = delete;

    struct match {
        const route* found = nullptr;
        std::size_t index = 0;     // of the route in the table
        std::uint8_t allowed = 0;  // verbs of the path as bits (1 << verb); 0: no such path
    };

    // `path` as received: escapes are decoded per segment. HEAD finds the GET route.
    [[nodiscard]] match find(verb method, std::string_view path) const;
    // The parameters of a path that find() matched, decoded. Names point into the table.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string>> params(
        const route& of, std::string_view path) const;
    // "GET, HEAD, OPTIONS" for match::allowed.
    [[nodiscard]] static std::string allow_text(std::uint8_t allowed);
    [[nodiscard]] const std::vector<route>& routes() const noexcept { return table_; }

private:
    struct node;
    using segments = std::array<std::string_view, kMaxSegments>;
    static const node* walk(const node& from, const segments& path, std::size_t at,
                            std::size_t count);

    std::vector<route> table_;
    std::unique_ptr<node> root_;
};

}  // namespace kieng::http
