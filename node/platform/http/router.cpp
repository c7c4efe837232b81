#include "node/platform/http/router.hpp"

#include "base/encoding.hpp"

#include <stdexcept>

namespace kieng::http {
namespace {

constexpr std::array kVerbs{verb::get,   verb::head, verb::post,   verb::put,
                            verb::patch, verb::del,  verb::options};

constexpr std::uint8_t bit_of(verb v) noexcept
{
    return static_cast<std::uint8_t>(1U << (static_cast<unsigned>(v) - 1));
}

bool is_parameter(std::string_view segment) noexcept
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Splits "/a/b" into its segments; false for too many or a path that does not begin with a slash.
bool split(std::string_view path, std::array<std::string_view, router::kMaxSegments>& out,
           std::size_t& count)
{
    count = 0;
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    for (;;) {
        if (count == out.size()) return false;
        const auto slash = path.find('/');
        out[count++] = path.substr(0, slash);
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

std::string_view name_of(verb v) noexcept
{
    switch (v) {
    case verb::get: return "GET";
    case verb::head: return "HEAD";
    case verb::post: return "POST";
    case verb::put: return "PUT";
    case verb::patch: return "PATCH";
    case verb::del: return "DELETE";
    case verb::options: return "OPTIONS";
    }
    return "GET";
}

std::optional<verb> verb_of(std::string_view method) noexcept
{
    for (const auto v : kVerbs)
        if (method == name_of(v)) return v;
    return std::nullopt;
}

struct router::node {
    std::vector<std::pair<std::string, std::unique_ptr<node>>> literals;
    std::unique_ptr<node> parameter;
    std::array<std::size_t, kVerbs.size() + 1> routes{};  // by verb: index into the table + 1
    std::uint8_t allowed = 0;

    node& child(std::string_view segment)
    {
        if (is_parameter(segment)) {
            if (!parameter) parameter = std::make_unique<node>();
            return *parameter;
        }
        for (auto& [name, below] : literals)
            if (name == segment) return *below;
        return *literals.emplace_back(segment, std::make_unique<node>()).second;
    }
};

router::router(std::vector<route> table) : table_(std::move(table)), root_(std::make_unique<node>())
{
    for (std::size_t i = 0; i < table_.size(); ++i) {
        const auto& row = table_[i];
        const auto where = std::string(name_of(row.method)) + " " + row.path;
        segments parts;
        std::size_t count = 0;
        if (!split(row.path, parts, count))
            throw std::invalid_argument("route cannot be read: " + where);
        if (row.method == verb::head || row.method == verb::options)
            throw std::invalid_argument("HEAD and OPTIONS need no route: " + where);
        node* at = root_.get();
        for (std::size_t s = 0; s < count; ++s) at = &at->child(parts[s]);
        auto& slot = at->routes[static_cast<std::size_t>(row.method)];
        if (slot != 0) throw std::invalid_argument("route stands twice: " + where);
        slot = i + 1;
        at->allowed |= static_cast<std::uint8_t>(bit_of(row.method) | bit_of(verb::options));
        if (row.method == verb::get) at->allowed |= bit_of(verb::head);
    }
}

router::~router() = default;

const router::node* router::walk(const node& from, const segments& path, std::size_t at,
                                 std::size_t count)
{
    if (at == count) return from.allowed != 0 ? &from : nullptr;
    for (const auto& [name, below] : from.literals) {
        if (name != path[at]) continue;
        if (const auto* found = walk(*below, path, at + 1, count)) return found;
        break;
    }
    if (!from.parameter || path[at].empty()) return nullptr;
    return walk(*from.parameter, path, at + 1, count);
}

router::match router::find(verb method, std::string_view path) const
{
    segments parts;
    std::size_t count = 0;
    if (!split(path, parts, count)) return {};
    std::array<std::string, kMaxSegments> decoded;
    if (path.find('%') != std::string_view::npos) {
        for (std::size_t i = 0; i < count; ++i) {
            decoded[i] = percent_decode(parts[i]).value_or(std::string(parts[i]));
            parts[i] = decoded[i];
        }
    }
    const node* at = walk(*root_, parts, 0, count);
    if (at == nullptr && count > 1 && parts[0] == "v1") {
        std::copy(parts.begin() + 1, parts.begin() + static_cast<std::ptrdiff_t>(count),
                  parts.begin());
        at = walk(*root_, parts, 0, count - 1);
    }
    if (at == nullptr) return {};
    match found{.found = nullptr, .index = 0, .allowed = at->allowed};
    const auto slot =
        at->routes[static_cast<std::size_t>(method == verb::head ? verb::get : method)];
    if (slot != 0) {
        found.index = slot - 1;
        found.found = &table_[slot - 1];
    }
    return found;
}

std::vector<std::pair<std::string_view, std::string>> router::params(const route& of,
                                                                     std::string_view path) const
{
    segments pattern;
    segments given;
    std::size_t pattern_count = 0;
    std::size_t given_count = 0;
    std::vector<std::pair<std::string_view, std::string>> found;
    if (!split(of.path, pattern, pattern_count) || !split(path, given, given_count)) return found;
    const std::size_t skip = given_count - pattern_count;  // "v1"
    for (std::size_t i = 0; i < pattern_count; ++i) {
        if (!is_parameter(pattern[i])) continue;
        const auto name = pattern[i].substr(1, pattern[i].size() - 2);
        found.emplace_back(name, percent_decode(given[i + skip]).value_or(std::string()));
    }
    return found;
}

std::string router::allow_text(std::uint8_t allowed)
{
    std::string text;
    for (const auto v : kVerbs) {
        if ((allowed & bit_of(v)) == 0) continue;
        if (!text.empty()) text += ", ";
        text += name_of(v);
    }
    return text;
}

}  // namespace kieng::http
