// Looks after the node's own house: when its certificate runs out and how much room the disk of its log has.
//
// A thread of its own looks every ten seconds, so that a disk that does not answer holds up nobody. Thread safe.
#pragma once

#include "cluster/core/cluster_messages.hpp"
#include "node/settings.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace kieng::node {

// The end of the first certificate of a PEM text; nothing when there is none that can be read.
[[nodiscard]] std::optional<wall_time> certificate_end(std::string_view pem);
// Of the folder the log is written to, else the working directory.
[[nodiscard]] std::optional<cluster::disk_space> space_for_log(const std::string& log_file);

class condition_watch {
public:
    explicit condition_watch(const settings& how);
    ~condition_watch();
    condition_watch(const condition_watch&) = delete;
    condition_watch& operator=(const condition_watch&) = delete;

    [[nodiscard]] cluster::node_condition seen() const;
    // The certificate in use was read anew.
    void certificate_reloaded();

private:
    void run();

    const settings& how_;
    mutable std::mutex guard_;  // guards all below
    cluster::node_condition known_;
    bool ending_ = false;
    std::condition_variable wake_;
    std::thread thread_;  // last: it uses the others
};

}  // namespace kieng::node
