// A position as event streams show it: its text is made once, however many listeners get it. Values; pure functions.
#pragma once

#include "node/event_visibility.hpp"
#include "node/platform/http/caller.hpp"
#include "node/platform/store/event.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::node {

struct shown_event {
    // What it ends: the streams of one session, or those of an account whose rights are others now.
    enum class ending : std::uint8_t { none = 1, session, rights };

    std::string head;  // "event: ..\ndata: {..,"data":"
    std::string data;
    audience of;
    ending ends = ending::none;
    std::string subject;  // the session or account that it ends
};

struct shown_position {
    std::int64_t incarnation = 0;
    std::int64_t pos = 0;
    std::string id_line;  // "id: <token>\n"
    std::vector<shown_event> events;
    std::size_t bytes = 0;  // of memory, about
};
using shown_ptr = std::shared_ptr<const shown_position>;

[[nodiscard]] shown_ptr show(const store::position& what, std::int64_t incarnation,
                             std::string_view token);

// Appends the blocks of what the caller may see, the id with the last of them. Whether there was any.
bool append_blocks(std::string& out, const shown_position& what, const http::caller& who);

// Whether the caller's stream ends with this position: the session is over or the rights are others.
[[nodiscard]] bool ends_stream(const shown_position& what, const http::caller& who) noexcept;

}  // namespace kieng::node
