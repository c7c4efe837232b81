// What a client takes from GET /api/events for its view of the cluster: the data of each `event: view`. All else passes by.
// Source: cluster/client/VECTORS.md, "The rules". Pure. Not thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::client {

class view_events {
public:
    // The bytes as they come, cut anywhere. The data of the view blocks that are whole now, oldest first.
    [[nodiscard]] std::vector<std::string> take(std::string_view bytes);

private:
    void end_line(std::vector<std::string>& out);

    std::string line_, kind_, data_;
    bool after_return_ = false;  // "\r\n" is one end
    bool overlong_ = false;      // of this block nothing counts
};

}  // namespace kieng::cluster::client
