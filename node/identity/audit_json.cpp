#include "node/identity/audit_json.hpp"

#include "base/json_text.hpp"

namespace kieng::identity {

std::string to_json(const audit_line& line)
{
    // details is a JSON object already: PostgreSQL keeps it as jsonb.
    return R"({"id":)" + json_string(line.id) + R"(,"at":)" + json_time(line.at) +
           R"(,"actorId":)" + json_text(line.actor_id) + R"(,"actorEmail":)" +
           json_text(line.actor_email) + R"(,"action":)" + json_string(line.action) +
           R"(,"entity":)" + json_string(line.entity) + R"(,"entityId":)" +
           json_text(line.entity_id) + R"(,"node":)" + json_string(line.node) + R"(,"requestId":)" +
           json_string(line.request_id) + R"(,"address":)" + json_text(line.address) +
           R"(,"details":)" + line.details + "}";
}

}  // namespace kieng::identity
