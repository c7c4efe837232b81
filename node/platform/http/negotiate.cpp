#include "node/platform/http/negotiate.hpp"

#include "node/platform/http/characters.hpp"

namespace kieng::http {
namespace {

// A q-value in thousandths; -1 for text that is none.
int weight_of(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
    if (text.size() > 1 && text[1] != '.') return -1;
    int value = (text[0] - '0') * 1000;
    int unit = 100;
    for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
        if (!is_digit(text[i])) return -1;
        value += (text[i] - '0') * unit;
    }
    return value > 1000 ? -1 : value;
}

struct weighted {
    std::string_view name;
    int weight;
};

// One element of a list with weights: "gzip;q=0.5".
weighted take_weighted(std::string_view& rest) noexcept
{
    auto element = next_element(rest);
    weighted found{next_element(element, ';'), 1000};
    while (!element.empty()) {
        const auto parameter = next_element(element, ';');
        if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
        const int weight = weight_of(parameter.substr(2));
        found.weight = weight < 0 ? 0 : weight;
    }
    return found;
}

}  // namespace

language choose_language(std::string_view accept, language fallback) noexcept
{
    int vi = 0;
    int en = 0;
    bool vi_named = false;
    bool en_named = false;
    int any = 0;
    while (!accept.empty()) {
        const auto [name, weight] = take_weighted(accept);
        const auto primary = name.substr(0, name.find('-'));
        if (equal_ignoring_case(primary, "vi")) {
            vi = std::max(vi, weight);
            vi_named = true;
        } else if (equal_ignoring_case(primary, "en")) {
            en = std::max(en, weight);
            en_named = true;
        } else if (name == "*") {
            any = weight;
        }
    }
    if (!vi_named) vi = any;
    if (!en_named) en = any;
    if (vi == en) return fallback;
    return vi > en ? language::vi : language::en;
}

bool accepts_gzip(std::string_view accept) noexcept
{
    int any = 0;
    while (!accept.empty()) {
        const auto [name, weight] = take_weighted(accept);
        if (equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip"))
            return weight > 0;
        if (name == "*") any = weight;
    }
    return any > 0;
}

bool accepts_type(std::string_view accept, std::string_view media_type) noexcept
{
    if (trim(accept).empty()) return true;
    const auto family = media_type.substr(0, media_type.find('/'));
    int best = -1;  // how exact the best match is
    int weight = 0;
    while (!accept.empty()) {
        const auto found = take_weighted(accept);
        int exact = -1;
        if (found.name == "*/*") exact = 0;
        if (found.name.size() == family.size() + 2 && found.name.substr(family.size()) == "/*" &&
            equal_ignoring_case(found.name.substr(0, family.size()), family))
            exact = 1;
        if (equal_ignoring_case(found.name, media_type)) exact = 2;
        if (exact < best || exact < 0) continue;
        weight = exact > best ? found.weight : std::max(weight, found.weight);
        best = exact;
    }
    return best >= 0 && weight > 0;
}

bool names_etag(std::string_view field, std::string_view etag, std::string_view suffix) noexcept
{
    field = trim(field);
    if (field == "*") return true;
    // Tags may hold commas: read quote by quote.
    while (!field.empty()) {
        const auto open = field.find('"');
        if (open == std::string_view::npos) return false;
        const auto close = field.find('"', open + 1);
        if (close == std::string_view::npos) return false;
        const auto tag = field.substr(open + 1, close - open - 1);
        if (tag.size() == etag.size() + suffix.size() && tag.substr(0, etag.size()) == etag &&
            tag.substr(etag.size()) == suffix)
            return true;
        field.remove_prefix(close + 1);
    }
    return false;
}

bool is_media_type(std::string_view content_type, std::string_view media_type) noexcept
{
    if (!equal_ignoring_case(next_element(content_type, ';'), media_type)) return false;
    while (!content_type.empty()) {
        auto parameter = next_element(content_type, ';');
        const auto name = trim(next_element(parameter, '='));
        if (name.empty()) continue;
        if (parameter.size() > 1 && parameter.front() == '"' && parameter.back() == '"') {
            parameter.remove_prefix(1);
            parameter.remove_suffix(1);
        }
        if (equal_ignoring_case(name, "charset")) {
            if (!equal_ignoring_case(parameter, "utf-8") && !equal_ignoring_case(parameter, "utf8"))
                return false;
        } else if (!(equal_ignoring_case(name, "header") &&
                     equal_ignoring_case(media_type, "text/csv"))) {
            return false;
        }
    }
    return true;
}

}  // namespace kieng::http
