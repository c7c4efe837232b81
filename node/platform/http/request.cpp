#include "node/platform/http/request.hpp"

namespace kieng::http {

std::string_view name_of(language l) noexcept
{
    switch (l) {
    case language::vi: return "vi";
    case language::en: return "en";
    }
    return "vi";
}

std::optional<std::string_view> request::header(std::string_view lower_case_name) const noexcept
{
    for (const auto& [name, value] : headers)
        if (name == lower_case_name) return value;
    return std::nullopt;
}

std::string_view request::param(std::string_view name) const noexcept
{
    for (const auto& [known_name, value] : params)
        if (known_name == name) return value;
    return {};
}

std::optional<std::string_view> request::query_value(std::string_view name) const noexcept
{
    for (const auto& [known_name, value] : query)
        if (known_name == name) return value;
    return std::nullopt;
}

digest request::fingerprint() const
{
    // Lengths keep two different splits of the same bytes apart.
    std::string text(name_of(method));
    text += ' ';
    text += std::to_string(target.size());
    text += ' ';
    text += target;
    text += ' ';
    text += std::to_string(body.size());
    text += ' ';
    text += body;
    return sha256(text);
}

}  // namespace kieng::http
