// One call of the caller: which attempts to make, on which node, when; when to give up; and what to say in the end.
//
// The owner performs the actions and feeds back what happened, with the time; after each input it asks wake_at() and calls tick()
// then. Pure: no I/O, no clock, chance comes in as numbers from 0 to 1. Not thread safe; all calls of one client share its
// client_state and live where it lives. Source: cluster/client/VECTORS.md, "The rules".
#pragma once

#include "cluster/core/client_budget.hpp"
#include "cluster/core/client_fleet.hpp"
#include "cluster/core/client_token.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kieng::cluster::client {

// What all calls of one client share.
struct client_state {
    client_state(const settings& n, const std::vector<configured_node>& nodes, std::string cluster,
                 std::function<double()> chance)
        : numbers(n),
          known(numbers, nodes, std::move(cluster)),
          jitter(std::move(chance))
    {}
    client_state(const client_state&) = delete;
    client_state& operator=(const client_state&) = delete;

    const settings numbers;
    fleet known;
    retry_budget budget{numbers};
    hedge_allowance hedges{numbers};
    token_keeper token;
    std::function<double()> jitter;  // one draw per wait, in [0, 1]
};

struct call_spec {
    bool read = true;    // GET, HEAD, OPTIONS
    bool keyed = false;  // a write that carries an idempotency key
    bool hedge = true;   // GET only
    std::optional<milliseconds> deadline = {};
    std::optional<milliseconds> attempt_timeout = {};  // to the first byte, instead of 3 x p99
};

enum class call_end : std::uint8_t {
    served = 1,
    refused,         // the answer is final
    not_repeatable,  // a write without a key whose fate is open
    retries_used,
    budget_spent,
    asked_too_long,  // the server asks for a longer wait than we make
    deadline,
    cancelled,
};

struct send_attempt {
    int attempt = 0;  // 1, 2, ..
    std::size_t node = 0;
    milliseconds connect{0};
    milliseconds first_byte{0};  // from the start of the attempt
    std::string token = {};      // empty: none
    bool hedge = false;
};
// Close its connection; nothing more of it is wanted.
struct drop_attempt {
    int attempt = 0;
};
struct finish_call {
    call_end end = call_end::refused;
    int attempt = 0;  // whose answer is handed to the caller; 0: nobody answered
    std::size_t node = 0;
    committed effect = committed::no;
    report said = {};  // the answer, or the error that says most
    int attempts = 0;
};
using call_action = std::variant<send_attempt, drop_attempt, finish_call>;

class call {
public:
    call(client_state& shared, call_spec how, steady_time now);

    [[nodiscard]] std::vector<call_action> start(steady_time now);
    // What an attempt came to. Attempts that were dropped or are unknown are ignored.
    [[nodiscard]] std::vector<call_action> ended(int attempt, const report& what, steady_time now);
    [[nodiscard]] std::vector<call_action> tick(steady_time now);
    [[nodiscard]] std::vector<call_action> cancel(steady_time now);
    // When to call tick() next. Nothing once finished.
    [[nodiscard]] std::optional<steady_time> wake_at() const;

private:
    struct flight {
        int attempt = 0;
        std::size_t node = 0;
        steady_time sent = {};
        bool well = false;  // the node was in good standing then
        bool hedge = false;
        std::string token = {};
    };

    void send(std::size_t node, bool hedge, steady_time now);
    void failed(const flight& of, const report& what, const judgement& is, steady_time now);
    void plan_retry(const flight& of, const report& what, const judgement& is, steady_time now);
    [[nodiscard]] milliseconds wait_for(const report& what, const judgement& is, bool fresh);
    [[nodiscard]] std::size_t next_node(const flight& after, const judgement& is,
                                        steady_time now) const;
    [[nodiscard]] std::optional<std::size_t> hedge_node(steady_time now) const;
    void remember(int attempt, std::size_t node, const report& what, const judgement& is);
    void serve(const flight& of, const report& what, steady_time now);
    void give_up(call_end why, steady_time now);
    void drop_all(steady_time now, bool outrun);
    [[nodiscard]] bool tried(std::size_t node) const { return tries_[node] > 0; }

    client_state& shared_;
    call_spec how_;
    steady_time deadline_;
    std::vector<flight> in_flight_;
    std::vector<int> tries_;  // per node
    std::optional<steady_time> retry_at_;
    std::size_t retry_node_ = 0;
    std::optional<steady_time> hedge_at_;
    int attempts_ = 0;
    int retries_ = 0;
    int waits_ = 0;
    bool failed_over_ = false;
    bool dropped_token_ = false;
    bool reached_ = false;
    bool done_ = false;
    committed effect_ = committed::no;
    finish_call heaviest_;
    int weight_ = -1;
    std::vector<call_action> out_;
};

[[nodiscard]] std::string_view name_of(call_end end) noexcept;

}  // namespace kieng::cluster::client
