#include "cluster/ctl/commands.hpp"
#include "cluster/ctl/drill.hpp"

namespace kieng::cluster::ctl {

task<exit_code> run_drill(caller& nodes, const options& how)
{
    const auto came = co_await nodes.servers();
    if (const auto* const why = std::get_if<failed>(&came)) co_return complain(*why);
    drill hits(nodes, std::get<std::vector<server_report>>(came), how);
    if (const auto objection = hits.objection(); !objection.empty())
        co_return complain({exit_code::refused, objection});
    const auto stranger = co_await nodes.sign_in();
    if (stranger) co_return complain(*stranger);
    const drill_figures figures = co_await hits.run();
    print(how.json ? drill_json(figures) : drill_text(figures));
    co_return code_of(figures);
}

}  // namespace kieng::cluster::ctl
