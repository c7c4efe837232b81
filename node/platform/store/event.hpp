// A change announced to the other nodes, their caches and their browsers: one row of the outbox.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kieng::store {

struct event {
    std::string type;               // "ProductUpdatedEvent"
    std::string entity;             // "product"
    std::string entity_id;          // uuid, or empty
    std::int64_t version = 0;       // row version after the change
    std::vector<std::string> tags;  // from before and after the change
    std::string data;               // JSON object text
};

// All events of one position, in order.
struct position {
    std::int64_t pos = 0;
    std::vector<event> events;
    std::int64_t incarnation = 0;  // the history it belongs to; 0: not known
    std::string trace = {};        // traceparent of the write, or empty; known of own commits only
};

}  // namespace kieng::store
