#include "node/catalog/category.hpp"

#include <algorithm>

namespace kieng::catalog {
namespace {

std::string& value_in(category_field f, category_fields& of) noexcept
{
    return const_cast<std::string&>(value_of(f, of));
}

}  // namespace

std::string_view name_of(category_field f) noexcept
{
    switch (f) {
    case category_field::name: return "name";
    case category_field::slug: return "slug";
    case category_field::parent: return "parentId";
    }
    return "";
}

const std::string& value_of(category_field f, const category_fields& of) noexcept
{
    switch (f) {
    case category_field::name: return of.name;
    case category_field::slug: return of.slug;
    case category_field::parent: break;
    }
    return of.parent_id;
}

category_fields apply(const category_fields& base, const category_change& change)
{
    category_fields to = base;
    if (change.name) to.name = *change.name;
    if (change.slug) to.slug = *change.slug;
    if (change.parent_id) to.parent_id = change.parent_id->value_or("");
    return to;
}

category_merge merge(const category_fields& base, const category_fields& theirs,
                     const category_fields& yours)
{
    category_merge out{theirs, {}, {}};
    for (const auto f : kCategoryFields) {
        const bool you = value_of(f, base) != value_of(f, yours);
        const bool they = value_of(f, base) != value_of(f, theirs);
        if (you && they && value_of(f, theirs) != value_of(f, yours))
            out.conflicts.push_back(f);
        else if (you && !they)
            value_in(f, out.fields) = value_of(f, yours);
        else if (they && !you)
            out.kept.push_back(f);
    }
    return out;
}

std::size_t levels_of(std::string_view path) noexcept
{
    return path.empty() ? 0
                        : static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1;
}

bool is_within(std::string_view path, std::string_view above) noexcept
{
    return path == above ||
           (path.size() > above.size() && path.starts_with(above) && path[above.size()] == '/');
}

}  // namespace kieng::catalog
