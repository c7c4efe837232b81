#include "cluster/wire/healthy_servers_json.hpp"

#include "cluster/wire/json_writer.hpp"

namespace kieng::cluster::wire {

std::string healthy_servers_json(const cluster_snapshot& now, std::string_view cluster,
                                 std::chrono::seconds refresh)
{
    json_object out;
    out.text("cluster", cluster).integer("incarnation", now.servers.incarnation);
    out.integer("epoch", now.servers.epoch).integer("view", now.servers.view);
    out.text_or_null("active", now.servers.active).integer("refreshSeconds", refresh.count());
    if (now.servers.panic) out.boolean("panic", true);
    out.raw("servers", json_array(now.servers.servers, [](const server_entry& one) {
                return json_object()
                    .text("id", one.id)
                    .text("url", one.url)
                    .integer("priority", one.priority)
                    .text("role", name_of(one.role))
                    .text("state", name_of(one.state))
                    .done();
            }));
    return out.done();
}

std::string healthy_servers_text(const cluster_snapshot& now)
{
    std::string out;
    for (const auto& one : now.servers.servers)
        out += one.id + " " + one.url + " " + std::string(name_of(one.role)) + " " +
               std::string(name_of(one.state)) + "\n";
    return out;
}

std::string healthy_servers_etag(const cluster_snapshot& now)
{
    return std::to_string(now.servers.view);
}

}  // namespace kieng::cluster::wire
