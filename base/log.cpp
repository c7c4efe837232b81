#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/encoding.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>

namespace kieng::log {
namespace {

struct writer {
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
    std::string server_id;
};

std::atomic<level> threshold{level::info};
std::atomic<std::uint64_t> refused{0};
std::mutex guard;                 // guards start and stop only
std::shared_ptr<writer> current;  // read with atomic_load

std::string_view name_of(level at) noexcept
{
    switch (at) {
    case level::debug: return "debug";
    case level::info: return "info";
    case level::warning: return "warning";
    case level::error: return "error";
    }
    return "info";
}

void append_value(std::string& out, const field& f)
{
    if (const auto* text = std::get_if<std::string_view>(&f.value)) {
        append_json_string(out, is_utf8(*text) ? *text : std::string_view("(not UTF-8)"));
    } else if (const auto* number = std::get_if<std::int64_t>(&f.value)) {
        out += std::to_string(*number);
    } else if (const auto* real = std::get_if<double>(&f.value)) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%.3f", *real);
        out += std::isfinite(*real) ? digits : "null";
    } else {
        out += std::get<bool>(f.value) ? "true" : "false";
    }
}

std::string line_of(level at, std::string_view event, std::initializer_list<field> fields,
                    std::string_view server_id)
{
    std::string line = "{\"at\":\"" + to_iso8601(system_clock().wall()) + "\",\"level\":\"";
    line += name_of(at);
    line += "\",\"node\":";
    append_json_string(line, server_id);
    line += ",\"event\":";
    append_json_string(line, event);
    for (const auto& f : fields) {
        line += ',';
        append_json_string(line, f.name);
        line += ':';
        append_value(line, f);
    }
    line += '}';
    return line;
}

// The sink of the log: a file, or standard error. A disk that refuses is counted, never thrown at a request.
std::shared_ptr<spdlog::sinks::sink> open_sink(const std::string& file)
{
    if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

}  // namespace

void start(const options& how)
{
    const std::scoped_lock lock(guard);
    auto made = std::make_shared<writer>();
    made->pool = std::make_shared<spdlog::details::thread_pool>(how.queue, 1);
    auto sink = open_sink(how.file);
    sink->set_pattern("%v");
    made->logger = std::make_shared<spdlog::async_logger>(
        "kieng", std::move(sink), made->pool, spdlog::async_overflow_policy::overrun_oldest);
    made->logger->set_level(spdlog::level::trace);
    made->logger->flush_on(spdlog::level::trace);
    made->logger->set_error_handler(
        [](const std::string&) { refused.fetch_add(1, std::memory_order_relaxed); });
    made->server_id = how.server_id;
    set_threshold(how.threshold);
    std::atomic_store(&current, made);
}

void stop()
{
    const std::scoped_lock lock(guard);
    const auto last = std::atomic_exchange(&current, std::shared_ptr<writer>());
    if (last) last->logger->flush();
}

void set_threshold(level at) noexcept
{
    threshold.store(at, std::memory_order_relaxed);
}

bool enabled(level at) noexcept
{
    return at >= threshold.load(std::memory_order_relaxed);
}

bool parse(std::string_view name, level& out) noexcept
{
    for (const auto candidate : {level::debug, level::info, level::warning, level::error}) {
        if (name == name_of(candidate)) {
            out = candidate;
            return true;
        }
    }
    return false;
}

void write(level at, std::string_view event, std::initializer_list<field> fields)
{
    if (!enabled(at)) return;
    const auto to = std::atomic_load(&current);
    const std::string line =
        line_of(at, event, fields, to ? std::string_view(to->server_id) : std::string_view());
    if (to) {
        to->logger->log(spdlog::level::info, spdlog::string_view_t(line));
    } else {
        std::fprintf(stderr, "%s\n", line.c_str());
    }
}

void write_raw(std::string lines)
{
    if (!lines.empty() && lines.back() == '\n') lines.pop_back();
    if (lines.empty()) return;
    if (const auto to = std::atomic_load(&current)) {
        to->logger->log(spdlog::level::info, spdlog::string_view_t(lines));
    } else {
        std::fprintf(stderr, "%s\n", lines.c_str());
    }
}

std::uint64_t dropped() noexcept
{
    const auto to = std::atomic_load(&current);
    return refused.load(std::memory_order_relaxed) + (to ? to->pool->overrun_counter() : 0);
}

}  // namespace kieng::log
