// One event stream: what it has shown, what it shows next, and when it ends.
//
// It ends when its caller's session ends, the caller's rights change or the access token expires, when the node stops, and when
// the client does not take what it is sent. Whatever ends it, the client goes on elsewhere by the last id.
// Used on one I/O thread.
#pragma once

#include "node/event_hub.hpp"
#include "node/platform/http/caller.hpp"
#include "node/platform/http/response.hpp"

#include <memory>
#include <string>

namespace kieng::node {

// Where a stream begins.
struct event_start {
    event_ring::place at;  // the ring when the stream was asked for
    std::int64_t pos = 0;  // what the client has; above at.applied: this node is behind the client
    bool forgotten = false;  // the client's place is not in this history: it begins with a reset
};

class event_stream {
public:
    static constexpr std::size_t kPiece = 32U << 10;       // written at once, about
    static constexpr std::size_t kSlowBytes = 256U << 10;  // a client further behind than this ..
    static constexpr std::chrono::seconds kSlowTime{15};   // .. or for longer is let go
    static constexpr std::chrono::seconds kCatchUp{
        1};  // a node that is behind its client gets this time

    event_stream(event_hub& hub, std::shared_ptr<event_desk> desk,
                 std::unique_ptr<event_hub::place> place, http::caller who, event_start from);

    // Writes until the stream ends.
    static task<> run(std::shared_ptr<event_stream> self, http::body_sink& to);

private:
    task<> begin();
    task<> read_history();
    [[nodiscard]] std::string next();
    void append_view(std::string& out);
    void append_reset(std::string& out);
    // Whether it took them all.
    bool append_positions(std::string& out, const std::vector<shown_ptr>& what, std::int64_t upto);
    void append_stretch(std::string& out, std::int64_t upto);
    [[nodiscard]] std::string id_line() const;
    [[nodiscard]] steady_time due() const;
    [[nodiscard]] bool over() const;
    [[nodiscard]] bool too_slow(steady_time began, steady_time ended);

    event_hub& hub_;
    const std::shared_ptr<event_desk> desk_;
    const std::unique_ptr<event_hub::place> place_;
    const http::caller who_;
    const std::int64_t since_;      // what ended streams before is no news to this one
    const std::uint64_t closings_;  // of the hub when it began
    event_sleeper sleeper_;

    event_ring::place at_;  // the history it stands in
    std::int64_t seen_;     // the client came with this, which may be ahead of this node
    std::int64_t pos_;      // all up to this was looked at, and shown if it is for this caller
    bool forgotten_;
    bool ended_ = false;
    bool left_ = false;
    bool more_ = false;       // there is more to look at at once
    std::uint64_t view_ = 0;  // the last one shown
    steady_time id_due_;
    steady_time expires_;
    steady_time slow_since_ = steady_time::max();
    event_desk::stretch_ptr
        stretch_;  // of the outbox, while the ring does not reach back far enough
    bool needs_history_ = false;
};

}  // namespace kieng::node
