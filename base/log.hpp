// The operator's log: one JSON object per line, written by a thread of its own through a bounded queue.
//
// Lines that do not fit are dropped and counted, so a full or slow disk never stops a request. Values are escaped, so
// a client cannot forge lines. All functions are thread safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace kieng::log {

enum class level : std::uint8_t { debug = 1, info, warning, error };

// A named value of a line. Text is copied before the call returns.
struct field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    field(std::string_view n, std::string_view v) : name(n), value(v) {}
    field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    field(std::string_view n, bool v) : name(n), value(v) {}
    field(std::string_view n, double v) : name(n), value(v) {}
    template <class I>
    requires(std::is_integral_v<I> && !std::is_same_v<I, bool>) field(std::string_view n, I v)
        : name(n),
          value(static_cast<std::int64_t>(v))
    {}
};

struct options {
    level threshold = level::info;
    std::string server_id;  // member "node" of every line
    std::string file;       // empty: standard error
    std::size_t queue = 8192;
};

// Starts the writer. Called once by main before threads start; lines written earlier go to standard error at once.
void start(const options& how);
// Writes what is queued and stops the writer.
void stop();
void set_threshold(level threshold) noexcept;
[[nodiscard]] bool enabled(level at) noexcept;
// "debug|info|warning|error", or nothing known: false.
[[nodiscard]] bool parse(std::string_view name, level& out) noexcept;

// {"at":"..","level":"info","node":"server-a","event":"listening","port":4000}
// `event` is a short stable name in snake_case; explanations go into a field.
void write(level at, std::string_view event, std::initializer_list<field> fields = {});

inline void debug(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::error, event, fields);
}

// Hands over lines that are ready already (each with its newline), for writers that batch, such as the access log.
void write_raw(std::string lines);

// Lines lost because the queue was full or the disk refused them.
[[nodiscard]] std::uint64_t dropped() noexcept;

}  // namespace kieng::log
