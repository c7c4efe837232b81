#include "node/health.hpp"

#include "base/encoding.hpp"

#include <array>
#include <cstdio>
#include <vector>

namespace kieng::node {
namespace {

constexpr std::chrono::milliseconds kSlowLoop{250};

enum class grade : std::uint8_t { pass = 1, warn, fail };

std::string_view name_of(grade g) noexcept
{
    switch (g) {
    case grade::pass: return "pass";
    case grade::warn: return "warn";
    case grade::fail: return "fail";
    }
    return "fail";
}

struct check {
    std::string_view name;  // of the JSON member
    std::string_view word;  // for people
    grade status;
    double value;
    std::string_view unit;
    std::string_view why;
};

std::vector<check> checks_of(const health_figures& now)
{
    const auto ms = [](std::chrono::microseconds time) {
        return static_cast<double>(time.count()) / 1000.0;
    };
    const grade loop = now.loop_delay < kSlowLoop ? grade::pass : grade::warn;
    return {
        {"postgres:responseTime", "postgres", now.database ? grade::pass : grade::warn,
         ms(now.database_time), "ms", now.database_why},
        {"loop:delay", "loop delay", loop, ms(now.loop_delay), "ms", {}},
        {"memory:rss", "memory", grade::pass, static_cast<double>(now.resident_bytes), "bytes", {}},
        {"system:uptime", "uptime", grade::pass, static_cast<double>(now.uptime.count()), "s", {}},
    };
}

grade overall(const health_figures& now) noexcept
{
    if (!now.started || now.draining) return grade::fail;
    if (!now.database || now.loop_delay >= kSlowLoop) return grade::warn;
    return grade::pass;
}

std::string_view summary(const health_figures& now, http::language in) noexcept
{
    const bool vi = in == http::language::vi;
    if (now.draining)
        return vi ? "Máy chủ này đang dừng lại; hãy dùng máy khác."
                  : "This server is stopping; use another one.";
    if (!now.started) return vi ? "Máy chủ này đang khởi động." : "This server is starting.";
    if (!now.database)
        return vi ? "Không kết nối được cơ sở dữ liệu; chưa bán hàng được."
                  : "The database cannot be reached; nothing can be sold right now.";
    if (now.loop_delay >= kSlowLoop) return vi ? "Máy chủ này đang chậm." : "This server is slow.";
    return vi ? "Mọi thứ đều ổn." : "All is well.";
}

std::string number(double value)
{
    char text[40];
    std::snprintf(text, sizeof text,
                  value == static_cast<double>(static_cast<std::int64_t>(value)) ? "%.0f" : "%.3f",
                  value);
    return text;
}

void append_check(std::string& out, const check& c, const std::string& at, bool with_reasons)
{
    out += json_string(c.name) + ":[{\"status\":" + json_string(name_of(c.status));
    if (c.status == grade::pass || c.name != "postgres:responseTime")
        out += ",\"observedValue\":" + number(c.value) + ",\"observedUnit\":" + json_string(c.unit);
    if (with_reasons && !c.why.empty()) out += ",\"output\":" + json_string(c.why);
    out += ",\"time\":" + json_string(at) + "}]";
}

}  // namespace

bool satisfies(const health_figures& now, requirement what) noexcept
{
    switch (what) {
    case requirement::none: return now.ready();
    case requirement::ready: return now.ready();
    case requirement::writes: return now.ready() && now.database;
    }
    return false;
}

std::string health_json(const health_figures& now, http::language in, bool with_reasons)
{
    const std::string at = to_wire_time(now.at);
    const bool serves = now.ready() && now.database;
    std::string out = "{\"status\":" + json_string(name_of(overall(now)));
    out += ",\"summary\":" + json_string(summary(now, in));
    out += ",\"serverId\":" + json_string(now.server_id);
    out += std::string(",\"ready\":") + (now.ready() ? "true" : "false");
    out += ",\"pos\":" + std::to_string(now.pos);
    out += ",\"boot\":" + json_string(now.boot_id);
    out += ",\"version\":" + json_string(now.version);
    out += ",\"uptimeSeconds\":" + std::to_string(now.uptime.count());
    out += std::string(",\"accepts\":{\"reads\":") + (serves ? "true" : "false") +
           ",\"writes\":" + (serves ? "true" : "false") + "}";
    out += std::string(",\"scope\":") + (!now.ready()   ? "\"node\""
                                         : now.database ? "null"
                                                        : "\"shared\"");
    out += ",\"checks\":{";
    bool first = true;
    for (const auto& c : checks_of(now)) {
        if (!first) out += ',';
        first = false;
        append_check(out, c, at, with_reasons);
    }
    return out + "}}";
}

std::string health_text(const health_figures& now, http::language in, bool with_reasons)
{
    std::string out = std::string(overall(now) == grade::pass ? "[+] " : "[-] ") + now.server_id +
                      " " + std::string(summary(now, in)) + "\n";
    for (const auto& c : checks_of(now)) {
        out += std::string(c.status == grade::pass ? "[+] " : "[-] ") + std::string(c.word);
        if (c.status == grade::pass || c.name != "postgres:responseTime")
            out += " " + number(c.value) + " " + std::string(c.unit);
        else
            out += " unreachable";
        if (with_reasons && !c.why.empty()) out += ": " + std::string(c.why);
        out += "\n";
    }
    return out;
}

}  // namespace kieng::node
