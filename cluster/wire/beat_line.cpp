#include "cluster/wire/beat_line.hpp"

#include "base/ids.hpp"
#include "cluster/wire/line_fields.hpp"

#include <algorithm>
#include <limits>

namespace kieng::cluster::wire {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
constexpr milliseconds kLongestAge{2'176'782'335};  // of a tell: zzzzzz, 25 days

constexpr unsigned kDraining = 1, kResigned = 2, kActive = 4, kSelfBlame = 8, kKept = 16;
constexpr char kByOperator = 'o';

std::string write(const beat_line& b)
{
    const unsigned flags = (b.draining ? kDraining : 0) | (b.resigned ? kResigned : 0) |
                           (b.active ? kActive : 0) | (b.self_blame ? kSelfBlame : 0) |
                           (b.kept ? kKept : 0);
    std::string letters;
    for (const auto word : b.members) letters += letter_of(word);
    return line_writer('B')
        .position(b.epoch)
        .position(b.pos)
        .position(b.applied)
        .position(b.view)
        .letter(letter_of(b.database))
        .age(b.database_age, kLongestBeatAge)
        .age(b.loops_age, kLongestBeatAge)
        .number(flags)
        .number(b.members_check)
        .text(letters)
        .done();
}

std::string write(const echo_line& e)
{
    return line_writer('E').number(e.counter).done();
}

std::string write(const ask_line& a)
{
    return line_writer('A').number(a.question).text(a.target).done();
}

std::string write(const tell_line& t)
{
    return line_writer('T').number(t.question).text(t.target).age(t.heard_ago, kLongestAge).done();
}

std::string write(const resigned_line& r)
{
    line_writer out('R');
    out.position(r.epoch).text(r.to.value_or(""));
    if (r.by_operator) out.letter(kByOperator);
    return out.done();
}

std::string write(const active_line& n)
{
    return line_writer('N')
        .position(n.epoch)
        .text(n.holder)
        .text(n.boot)
        .letter(n.reason ? letter_of(*n.reason) : '-')
        .done();
}

std::string write(const handover_line& h)
{
    return line_writer('H').text(h.to.value_or("")).done();
}

std::string write(const goodbye_line&)
{
    return "G";
}

std::string write(const unknown_line&)
{
    return "?";
}

beat_line read_beat(line_fields& in)
{
    beat_line out;
    out.epoch = in.position();
    out.pos = in.position();
    out.applied = in.position();
    out.view = in.position();
    // A state that a newer version has is one we know nothing of.
    out.database = database_state_of(in.letter()).value_or(database_state::unknown);
    out.database_age = in.age(kLongestBeatAge);
    const auto loops = in.age(kLongestBeatAge);
    if (!loops) in.refuse();
    out.loops_age = loops.value_or(milliseconds(0));
    const auto flags = in.number(0xFFFF);  // further bits are for newer nodes
    out.draining = (flags & kDraining) != 0;
    out.resigned = (flags & kResigned) != 0;
    out.active = (flags & kActive) != 0;
    out.self_blame = (flags & kSelfBlame) != 0;
    out.kept = (flags & kKept) != 0;
    out.members_check = static_cast<std::uint32_t>(in.number(UINT32_MAX));
    const auto letters = in.text();
    if (letters == "-") return out;
    if (letters.size() > kMostNodes) in.refuse();
    for (const char c : letters) {
        if (c < 'a' || c > 'z') in.refuse();
        out.members.push_back(member_state_of(c).value_or(member_state::unknown));
    }
    return out;
}

ask_line read_ask(line_fields& in)
{
    ask_line out;
    out.question = in.number(kAny);
    out.target = in.node();
    return out;
}

tell_line read_tell(line_fields& in)
{
    tell_line out;
    out.question = in.number(kAny);
    out.target = in.node();
    out.heard_ago = in.age(kLongestAge);
    return out;
}

std::optional<node_id> read_receiver(line_fields& in)
{
    const auto to = in.text();
    if (is_node_id(to)) return std::string(to);
    if (to != "-") in.refuse();
    return std::nullopt;
}

resigned_line read_resigned(line_fields& in)
{
    resigned_line out;
    out.epoch = in.position();
    out.to = read_receiver(in);
    if (in.more()) out.by_operator = in.text() == std::string_view(&kByOperator, 1);
    return out;
}

active_line read_active(line_fields& in)
{
    active_line out;
    out.epoch = in.position();
    out.holder = in.node();
    const auto boot = parse_uuid(in.text());
    if (!boot) in.refuse();
    out.boot = boot.value_or("");
    out.reason = takeover_reason_of(in.letter());
    return out;
}

peer_line read_fields(char kind, line_fields& in)
{
    if (kind == 'B') return read_beat(in);
    if (kind == 'E') return echo_line{in.number(kAny)};
    if (kind == 'A') return read_ask(in);
    if (kind == 'T') return read_tell(in);
    if (kind == 'R') return read_resigned(in);
    if (kind == 'N') return read_active(in);
    if (kind == 'H') return handover_line{read_receiver(in)};
    if (kind == 'G') return goodbye_line{};
    return unknown_line{};
}

}  // namespace

std::string write_line(const peer_line& what)
{
    return std::visit([](const auto& line) { return write(line); }, what);
}

std::optional<peer_line> read_line(std::string_view text)
{
    if (text.empty() || text.size() > kLongestLine || text.front() < 'A' || text.front() > 'Z')
        return std::nullopt;
    const bool visible =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!visible) return std::nullopt;
    line_fields in(text.substr(1));
    auto out = read_fields(text.front(), in);
    if (!in.good()) return std::nullopt;
    return out;
}

}  // namespace kieng::cluster::wire
