// A steady load of small keyed writes and reads through the failover client while a drill goes on, and the reckoning after it: every write
// that was acknowledged must be there once.
//
// Lives on one io_context with its caller, which must outlive it.
#pragma once

#include "cluster/ctl/caller.hpp"
#include "cluster/ctl/drill_figures.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kieng::cluster::ctl {

// What became of one write, as far as the client was told.
enum class write_fate : std::uint8_t { acknowledged = 1, denied, unknown };

struct load_write {
    std::string name;
    std::string key;
    write_fate fate = write_fate::unknown;
};

// Compares what was told with what is there (a name per product found), and adds it to the counts. Pure.
void reckon(const std::vector<load_write>& writes, const std::vector<std::string>& found,
            load_counts& counts);

class drill_load {
public:
    drill_load(executor where, caller& nodes, const std::vector<server_report>& servers,
               const drill_options& how);

    // Workers begin; they stop with stop() and are waited for by settle().
    void start();
    void stop() { shared_->stopping = true; }

    // The longest call, in milliseconds, that was under way at any time of the window; nothing when there was none.
    [[nodiscard]] std::optional<double> longest(steady_time from, steady_time to) const;
    // Calls made so far.
    [[nodiscard]] std::uint64_t calls() const { return shared_->spans.size(); }

    // After the last fault: ends the workers, asks for open outcomes, counts what is there. Empty, or why it could not be found out.
    task<std::string> settle(load_counts& into);

private:
    struct span {
        steady_time begin, end;
    };
    // What the workers share; outlives the load while one of them is still in a call.
    struct shared_state {
        caller* nodes = nullptr;
        std::unique_ptr<client::failover_client> through;
        std::string run;
        std::chrono::microseconds period{0};
        bool stopping = false;
        int working = 0;
        std::uint64_t next = 0;
        std::vector<load_write> writes;
        std::vector<span> spans;
        std::uint64_t reads = 0, errors = 0;
        std::string first_error;
        std::vector<std::string> found;
    };
    using shared = std::shared_ptr<shared_state>;

    static task<> work(shared with);
    static task<> renew(shared with);
    static task<std::string> write(shared with);
    static task<> read(shared with, std::string id, std::string name);
    static task<client::outcome> call(shared with, std::string method, std::string target,
                                      std::string body, std::string key);
    static void note_error(shared_state& with, const client::outcome& came);
    static task<> resolve_open(shared with);
    static task<std::string> list(shared with);

    executor where_;
    int workers_;
    shared shared_;
};

}  // namespace kieng::cluster::ctl
