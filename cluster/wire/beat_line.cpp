#include "cluster/wire/beat_line.hpp"

#include "base/encoding.hpp"
#include "cluster/wire/base36.hpp"

#include <algorithm>
#include <limits>

namespace kieng::cluster::wire {
namespace {

constexpr std::uint64_t kMostPosition = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t kSlowestTick = 46'655;        // zzz
constexpr std::int64_t kLongestAge = 2'176'782'335;  // zzzzzz, 25 days

constexpr unsigned kDraining = 1, kResigned = 2, kActive = 4, kSelfBlame = 8;

// Fields of a line, each behind one space.
class field_writer {
public:
    explicit field_writer(char kind) : out_(1, kind) {}

    field_writer& number(std::int64_t value)
    {
        return number(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)));
    }
    field_writer& number(std::uint64_t value)
    {
        out_ += ' ';
        append_base36(out_, value);
        return *this;
    }
    field_writer& text(std::string_view value)
    {
        (out_ += ' ') += value;
        return *this;
    }
    [[nodiscard]] std::string done() { return std::move(out_); }

private:
    std::string out_;
};

// Takes fields off the front of a line; good() once all that were asked for were well-formed.
class field_reader {
public:
    explicit field_reader(std::string_view fields) : rest_(fields) {}

    std::string_view text()
    {
        if (rest_.empty() || rest_.front() != ' ') {
            good_ = false;
            return {};
        }
        const auto end = rest_.find(' ', 1);
        const auto field = rest_.substr(1, end == rest_.npos ? rest_.npos : end - 1);
        rest_.remove_prefix(1 + field.size());
        if (field.empty()) good_ = false;
        return field;
    }
    std::uint64_t number(std::uint64_t most)
    {
        const auto value = read_base36(text(), most);
        if (!value) good_ = false;
        return value.value_or(0);
    }
    std::int64_t position() { return static_cast<std::int64_t>(number(kMostPosition)); }
    std::chrono::milliseconds milliseconds(std::int64_t most)
    {
        return std::chrono::milliseconds(number(static_cast<std::uint64_t>(most)));
    }
    std::string node()
    {
        const auto field = text();
        if (!is_node_id(field)) good_ = false;
        return std::string(field);
    }
    char letter()
    {
        const auto field = text();
        if (field.size() != 1) good_ = false;
        return field.empty() ? ' ' : field.front();
    }
    template <class T>
    T known(std::optional<T> word, T otherwise)
    {
        if (!word) good_ = false;
        return word.value_or(otherwise);
    }
    void refuse() { good_ = false; }
    // What is left is fields this version does not know.
    [[nodiscard]] bool good() const
    {
        return good_ && (rest_.empty() || (rest_.front() == ' ' && rest_.size() > 1));
    }

private:
    std::string_view rest_;
    bool good_ = true;
};

std::string write(const beat& b)
{
    const unsigned flags = (b.draining ? kDraining : 0) | (b.resigned ? kResigned : 0) |
                           (b.active ? kActive : 0) | (b.self_blame ? kSelfBlame : 0);
    std::string letters;
    for (const auto word : b.members) letters += letter_of(word);
    const auto tick = std::min<std::int64_t>(b.oldest_tick.count(), kSlowestTick);
    return field_writer('B')
        .number(b.epoch)
        .number(b.pos)
        .number(b.applied)
        .number(b.view)
        .text(std::string(1, letter_of(b.database)))
        .number(tick)
        .number(std::uint64_t{flags})
        .number(std::uint64_t{b.members_check})
        .text(letters.empty() ? "-" : letters)
        .done();
}

std::string write(const echo& e)
{
    return field_writer('E').number(e.counter).done();
}

std::string write(const ask& a)
{
    return field_writer('A').number(a.question).text(a.about).done();
}

std::string write(const tell& t)
{
    return field_writer('T')
        .number(t.question)
        .text(t.about)
        .text(std::string(1, letter_of(t.what)))
        .number(std::min<std::int64_t>(t.last_heard.count(), kLongestAge))
        .done();
}

std::string write(const resign& r)
{
    return field_writer('R').number(r.epoch).done();
}

std::string write(const now_active& n)
{
    return field_writer('N').number(n.epoch).number(n.view).text(n.node).done();
}

std::string write(const goodbye&)
{
    return "G";
}

std::string write(const unknown_line&)
{
    return "?";
}

beat read_beat(field_reader& in)
{
    beat out;
    out.epoch = in.position();
    out.pos = in.position();
    out.applied = in.position();
    out.view = in.position();
    out.database = in.known(database_word_of(in.letter()), database_word::unknown);
    out.oldest_tick = in.milliseconds(kSlowestTick);
    const auto flags = in.number(0xFFFF);  // further bits are for newer nodes
    out.draining = (flags & kDraining) != 0;
    out.resigned = (flags & kResigned) != 0;
    out.active = (flags & kActive) != 0;
    out.self_blame = (flags & kSelfBlame) != 0;
    out.members_check = static_cast<std::uint32_t>(in.number(UINT32_MAX));
    const auto letters = in.text();
    if (letters == "-") return out;
    if (letters.size() > kMostNodes) in.refuse();
    for (const char c : letters) out.members.push_back(in.known(opinion_of(c), opinion::unknown));
    return out;
}

tell read_tell(field_reader& in)
{
    tell out;
    out.question = in.number(kAny);
    out.about = in.node();
    out.what = in.known(opinion_of(in.letter()), opinion::unknown);
    out.last_heard = in.milliseconds(kLongestAge);
    return out;
}

ask read_ask(field_reader& in)
{
    ask out;
    out.question = in.number(kAny);
    out.about = in.node();
    return out;
}

now_active read_now_active(field_reader& in)
{
    now_active out;
    out.epoch = in.position();
    out.view = in.position();
    out.node = in.node();
    return out;
}

peer_line read_fields(char kind, field_reader& in)
{
    if (kind == 'B') return read_beat(in);
    if (kind == 'E') return echo{in.number(kAny)};
    if (kind == 'A') return read_ask(in);
    if (kind == 'T') return read_tell(in);
    if (kind == 'R') return resign{in.position()};
    if (kind == 'N') return read_now_active(in);
    if (kind == 'G') return goodbye{};
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
    field_reader in(text.substr(1));
    auto out = read_fields(text.front(), in);
    if (!in.good()) return std::nullopt;
    return out;
}

std::uint32_t members_check_of(const std::vector<std::string>& ids)
{
    std::string list;
    for (const auto& id : ids) (list += id) += '\n';
    const auto hash = sha256(list);
    // 20 bits are four digits; 0 is left for "no list".
    const std::uint32_t check =
        (std::uint32_t{hash[0]} << 16 | std::uint32_t{hash[1]} << 8 | hash[2]) >> 4;
    return std::max<std::uint32_t>(check, 1);
}

void set_opinions(beat& on, const std::vector<std::string>& ids, const opinions& held)
{
    on.members.clear();
    on.members_check = 0;
    if (ids.size() > kMostNodes) return;
    on.members_check = members_check_of(ids);
    for (const auto& id : ids) {
        const auto at = held.find(id);
        on.members.push_back(at == held.end() ? opinion::unknown : at->second);
    }
}

std::optional<opinions> opinions_of(const beat& from, const std::vector<std::string>& ids)
{
    if (from.members.size() != ids.size() || from.members_check != members_check_of(ids))
        return std::nullopt;
    opinions out;
    for (std::size_t i = 0; i < ids.size(); ++i) out[ids[i]] = from.members[i];
    return out;
}

}  // namespace kieng::cluster::wire
