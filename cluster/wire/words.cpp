#include "cluster/wire/words.hpp"

#include <algorithm>
#include <array>

namespace kieng::cluster::wire {
namespace {

constexpr std::array kOpinions{opinion::alive,    opinion::suspect, opinion::down,
                               opinion::draining, opinion::late,    opinion::unknown};
constexpr std::array kDatabaseWords{database_word::well, database_word::slow, database_word::lost,
                                    database_word::unknown};

}  // namespace

std::string_view name_of(opinion word) noexcept
{
    switch (word) {
    case opinion::alive: return "alive";
    case opinion::suspect: return "suspect";
    case opinion::down: return "down";
    case opinion::draining: return "draining";
    case opinion::late: return "late";
    case opinion::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name_of(database_word word) noexcept
{
    switch (word) {
    case database_word::well: return "well";
    case database_word::slow: return "slow";
    case database_word::lost: return "lost";
    case database_word::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view name_of(role_word word) noexcept
{
    switch (word) {
    case role_word::active: return "active";
    case role_word::standby: return "standby";
    }
    return "standby";
}

// The first letters of the names, in the form they have on the wire; "draining" goes as g, because d is down.
char letter_of(opinion word) noexcept
{
    switch (word) {
    case opinion::alive: return 'a';
    case opinion::suspect: return 's';
    case opinion::down: return 'd';
    case opinion::draining: return 'g';
    case opinion::late: return 'l';
    case opinion::unknown: return 'u';
    }
    return 'u';
}

char letter_of(database_word word) noexcept
{
    switch (word) {
    case database_word::well: return 'w';
    case database_word::slow: return 's';
    case database_word::lost: return 'l';
    case database_word::unknown: return 'u';
    }
    return 'u';
}

std::optional<opinion> opinion_of(char letter) noexcept
{
    for (const auto word : kOpinions)
        if (letter_of(word) == letter) return word;
    return std::nullopt;
}

std::optional<database_word> database_word_of(char letter) noexcept
{
    for (const auto word : kDatabaseWords)
        if (letter_of(word) == letter) return word;
    return std::nullopt;
}

std::optional<opinion> opinion_named(std::string_view name) noexcept
{
    for (const auto word : kOpinions)
        if (name_of(word) == name) return word;
    return std::nullopt;
}

bool is_node_id(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= kLongestNodeId &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-';
           });
}

}  // namespace kieng::cluster::wire
