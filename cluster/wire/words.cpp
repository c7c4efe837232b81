#include "cluster/wire/words.hpp"

#include <algorithm>
#include <array>

namespace kieng::cluster::wire {
namespace {

constexpr std::array kMemberStates{member_state::alive, member_state::suspect,
                                   member_state::down,  member_state::draining,
                                   member_state::late,  member_state::unknown};
constexpr std::array kDatabaseStates{database_state::well, database_state::slow,
                                     database_state::lost, database_state::unknown};
constexpr std::array kReasons{takeover_reason::vacant,    takeover_reason::resigned,
                              takeover_reason::restarted, takeover_reason::crashed,
                              takeover_reason::silent,    takeover_reason::expired};

template <class Words>
auto with_letter(const Words& words, char letter) noexcept
    -> std::optional<typename Words::value_type>
{
    for (const auto word : words)
        if (letter_of(word) == letter) return word;
    return std::nullopt;
}

template <class Words>
auto with_name(const Words& words, std::string_view name,
               typename Words::value_type otherwise) noexcept
{
    for (const auto word : words)
        if (name_of(word) == name) return word;
    return otherwise;
}

}  // namespace

// The first letters of the names, but g for draining, because d is down.
char letter_of(member_state word) noexcept
{
    switch (word) {
    case member_state::alive: return 'a';
    case member_state::suspect: return 's';
    case member_state::down: return 'd';
    case member_state::draining: return 'g';
    case member_state::late: return 'l';
    case member_state::unknown: return 'u';
    }
    return 'u';
}

char letter_of(database_state word) noexcept
{
    switch (word) {
    case database_state::well: return 'w';
    case database_state::slow: return 's';
    case database_state::lost: return 'l';
    case database_state::unknown: return 'u';
    }
    return 'u';
}

// And b (boot) for restarted, because r is resigned.
char letter_of(takeover_reason word) noexcept
{
    switch (word) {
    case takeover_reason::vacant: return 'v';
    case takeover_reason::resigned: return 'r';
    case takeover_reason::restarted: return 'b';
    case takeover_reason::crashed: return 'c';
    case takeover_reason::silent: return 's';
    case takeover_reason::expired: return 'e';
    }
    return 'e';
}

std::optional<member_state> member_state_of(char letter) noexcept
{
    return with_letter(kMemberStates, letter);
}

std::optional<database_state> database_state_of(char letter) noexcept
{
    return with_letter(kDatabaseStates, letter);
}

std::optional<takeover_reason> takeover_reason_of(char letter) noexcept
{
    return with_letter(kReasons, letter);
}

member_state member_state_named(std::string_view name) noexcept
{
    return with_name(kMemberStates, name, member_state::unknown);
}

database_state database_state_named(std::string_view name) noexcept
{
    return with_name(kDatabaseStates, name, database_state::unknown);
}

bool is_node_id(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= kLongestNodeId && text != "-" &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-';
           });
}

}  // namespace kieng::cluster::wire
