#include "node/platform/http/access_log.hpp"

#include "base/encoding.hpp"
#include "base/log.hpp"

#include <charconv>

namespace kieng::http {
namespace {

template <class N>
void append_number(std::string& out, N number)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

// Exactly `width` digits.
void append_padded(std::string& out, std::int64_t number, int width)
{
    char digits[8];
    for (int i = width - 1; i >= 0; --i, number /= 10)
        digits[i] = static_cast<char>('0' + number % 10);
    out.append(digits, static_cast<std::size_t>(width));
}

void append_text(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    append_json_string(out, is_utf8(value) ? value : std::string_view("(not UTF-8)"));
}

// For text whose form was checked on its way in, so that nothing in it needs escaping.
void append_checked(std::string& out, std::string_view name, std::string_view value)
{
    out += name;
    out += '"';
    out += value;
    out += '"';
}

}  // namespace

access_log::access_log(bool on, std::string_view server_id) : on_(on)
{
    middle_ = "Z\",\"level\":\"info\",\"node\":" + json_string(server_id) +
              ",\"event\":\"request\",\"id\":";
    if (on_) lines_.reserve(kBatchBytes + 2048);
}

void access_log::append_time(wall_time at)
{
    const auto micros = at.time_since_epoch().count();
    const auto second = micros / 1'000'000;
    if (second != second_) {
        second_ = second;
        second_text_ =
            "{\"at\":\"" +
            to_iso8601(wall_time(std::chrono::microseconds(second * 1'000'000))).substr(0, 19) +
            ".";
    }
    lines_ += second_text_;
    append_padded(lines_, micros % 1'000'000, 6);
}

void access_log::add(const access_line& line, wall_time at)
{
    if (!on_) return;
    append_time(at);
    lines_ += middle_;
    append_checked(lines_, {}, line.id);
    append_text(lines_, ",\"method\":", line.method);
    append_text(lines_, ",\"path\":", line.path.substr(0, 512));
    if (!line.route.empty()) append_checked(lines_, ",\"route\":", line.route);
    lines_ += ",\"status\":";
    append_number(lines_, line.status);
    lines_ += ",\"bytes\":";
    append_number(lines_, line.bytes);
    lines_ += ",\"ms\":";
    append_number(lines_, line.microseconds / 1000);
    lines_ += '.';
    append_padded(lines_, line.microseconds % 1000, 3);
    if (!line.user.empty()) append_text(lines_, ",\"user\":", line.user);
    append_checked(lines_, ",\"address\":", line.address);
    if (!line.trace.empty()) append_checked(lines_, ",\"trace\":", line.trace);
    lines_ += line.cached ? ",\"cached\":true}\n" : "}\n";
    if (lines_.size() >= kBatchBytes) flush();
}

void access_log::flush()
{
    if (lines_.empty()) return;
    std::string batch;
    batch.reserve(kBatchBytes + 2048);
    batch.swap(lines_);
    log::write_raw(std::move(batch));
}

}  // namespace kieng::http
