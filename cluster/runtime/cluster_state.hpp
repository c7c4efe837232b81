// The inside of cluster_node. All members belong to the control thread unless they say otherwise.
#pragma once

#include "cluster/core/cluster_machine.hpp"
#include "cluster/runtime/cluster_figures.hpp"
#include "cluster/runtime/cluster_node.hpp"
#include "cluster/runtime/peer_link.hpp"
#include "cluster/runtime/stream_hub.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

namespace kieng::cluster {

// Positions of the outbox that are asked for changes of the active role at the start.
inline constexpr std::int64_t kWholeHistory = 100'000;

struct cluster_node::state {
    state(cluster_options options, control_database& to, const wire::peer_secrets& with,
          cluster_hooks tell, const clock& time, random& bits, asio::ssl::context* tls);

    // cluster_node.cpp: the loop
    void begin(const std::vector<node_identity>& known);
    task<> tick();
    void feed(const cluster_input& what);
    void count(const cluster_input& what);
    void look_at_condition();
    void hand_over(const std::optional<node_id>& to);
    void give_role(const std::optional<node_id>& to);
    [[nodiscard]] bool worth_counting(const node_id& peer) const;
    void show();
    [[nodiscard]] std::shared_ptr<const published> picture() const;
    void end();
    [[nodiscard]] heartbeat own_heartbeat() const;
    [[nodiscard]] wire::heartbeat_message own_message() const;

    // cluster_actions.cpp: what decisions ask for
    void perform(const cluster_actions& what);
    void run(const action::send_beat& what);
    void run(const action::reconnect& what);
    void run(const action::close_streams& what);
    void run(const action::probe_via& what);
    void run(const action::answer_probe& what);
    void run(const action::send_heartbeat& what);
    void run(const action::read_nodes& what);
    void run(const action::announce_resigned& what);
    void run(const action::announce_active& what);
    void run(const action::check_lock& what);
    void run(const action::terminate_idle_sessions& what);
    void run(const action::terminate_duty_sessions& what);
    void run(const action::read_lease& what);
    void run(const action::send_renewal& what);
    void run(const action::send_takeover& what);
    void run(const action::send_resign& what);
    void run(const action::start_duties& what);
    void run(const action::stop_duties& what);
    void run(const action::peer_changed& what);
    void run(const action::peer_restarted& what);
    void run(const action::database_changed& what);
    void run(const action::takeover_done& what);
    void run(const action::takeover_told& what);
    void run(const action::view_changed& what);
    void run(const action::warn& what);
    void ask_lease(statement_id id, std::function<task<lease_reply>()> statement);
    void note_lock_session();
    void read_history(std::int64_t positions);

    // cluster_peers.cpp: links and what comes in on them
    void know(const std::vector<node_identity>& nodes);
    void link_to(const node_identity& peer);
    [[nodiscard]] peer_link* find(const node_id& peer);
    [[nodiscard]] std::vector<std::string> ids() const;
    [[nodiscard]] stream_listener listener_for(const node_id& peer);
    void end_streams_of(const node_id& peer);
    void heard(const node_id& peer, const wire::peer_line& line, std::uint64_t counter);
    task<> exchange_heartbeat(std::shared_ptr<peer_link> with);
    wire::heartbeat_answer answer_heartbeat(const node_id& from,
                                            const wire::heartbeat_message& what,
                                            wall_time received);
    void compare_marks(const node_id& peer, const heartbeat& what);
    void set_pace();

    const cluster_options how;
    control_database& database;
    const wire::peer_secrets& secrets;
    const cluster_hooks hooks;
    const clock& time;
    random& source;
    wire::peer_signer signer;
    cluster_figures figures;  // thread safe

    asio::io_context context{1};
    std::optional<asio::executor_work_guard<executor>> work;
    task_group group;
    timer wakeup;
    node_identity self;
    std::string cluster;
    instant begun{0};
    std::optional<peer_link::shared> shared;
    std::optional<cluster_machine> machine;
    std::map<node_id, std::shared_ptr<peer_link>> links;
    stream_hub hub;  // thread safe
    std::uint64_t lock_sessions = 0;
    bool feeding = false;
    std::deque<cluster_input> waiting_inputs;
    bool pushed_to = false;
    bool history_known = false;  // what was before the start
    instant shown_at{0};
    instant condition_at{0};
    std::map<node_id, std::int64_t> marks_differ;  // the newest mark that was told to the node
    asio::ssl::context* tls;

    std::atomic<std::int64_t> pos{0}, applied{0};  // any thread
    std::atomic<bool> running{false};              // any thread
    std::atomic<std::chrono::steady_clock::rep> round{
        0};              // of tick(), by the steady clock; any thread
    std::thread thread;  // start and stop

    mutable std::mutex guard;
    std::shared_ptr<const published> latest;  // guarded by guard
};

// The log's words (cluster_story.cpp).
void tell_peer(const action::peer_changed& what, instant now);
void tell_takeover(const takeover_record& what);
void tell_database(const action::database_changed& what);
void tell_warning(const action::warn& what);

}  // namespace kieng::cluster
