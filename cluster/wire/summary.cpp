#include "cluster/wire/summary.hpp"

namespace kieng::cluster::wire {
namespace {

std::vector<node_id> in_state(const cluster_snapshot& now, member_state state)
{
    std::vector<node_id> out;
    for (const auto& member : now.members)
        if (!member.self && member.state == state) out.push_back(member.node.id);
    return out;
}

std::string listed(const std::vector<node_id>& names, std::string_view last_word)
{
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " " + std::string(last_word) + " " : ", ";
        out += names[i];
    }
    return out;
}

std::string of_missing(const cluster_snapshot& now, const std::vector<node_id>& missing, bool vi)
{
    const bool alone = now.summary.tolerates_failures <= 0;
    if (vi)
        return std::string(alone ? "Vẫn bán hàng được nhưng chỉ còn một máy chủ; "
                                 : "Vẫn bán hàng được; ") +
               listed(missing, "và") + " không trả lời.";
    return std::string(alone ? "Selling works, but on one server alone; " : "Selling works; ") +
           listed(missing, "and") + (missing.size() == 1 ? " does" : " do") + " not answer.";
}

std::string of_well(const cluster_snapshot& now, bool vi)
{
    const int spare = now.summary.tolerates_failures;
    if (now.summary.members < 2 || spare < 1) return vi ? "Mọi thứ đều ổn." : "All is well.";
    const auto members = std::to_string(now.summary.members), may = std::to_string(spare);
    if (vi) return "Mọi thứ đều ổn: " + members + " máy chủ, hỏng " + may + " máy vẫn bán được.";
    return "All is well: " + members + " servers, of which " + may + " may fail.";
}

std::string of_outage(outage_scope scope, bool vi)
{
    if (scope == outage_scope::node)
        return vi ? "Máy chủ này không kết nối được cơ sở dữ liệu; các máy khác vẫn phục vụ."
                  : "This server cannot reach the database; the other servers serve.";
    return vi ? "Không kết nối được cơ sở dữ liệu; chưa bán hàng được."
              : "The database cannot be reached; nothing can be sold right now.";
}

// They still answer, but none is ready, and no balancer sends anybody.
bool nobody_in_use(const cluster_snapshot& now) noexcept
{
    return now.draining && now.servers.panic;
}

bool has_state(const cluster_snapshot& now, member_state state) noexcept
{
    for (const auto& member : now.members)
        if (!member.self && member.state == state) return true;
    return false;
}

}  // namespace

std::string_view name_of(grade g) noexcept
{
    switch (g) {
    case grade::pass: return "pass";
    case grade::warn: return "warn";
    case grade::fail: return "fail";
    }
    return "fail";
}

std::string_view sign_of(grade g) noexcept
{
    switch (g) {
    case grade::pass: return "[+]";
    case grade::warn: return "[!]";
    case grade::fail: return "[-]";
    }
    return "[-]";
}

grade grade_of(const cluster_snapshot& now, view_of what) noexcept
{
    if (what == view_of::cluster && now.scope == outage_scope::shared) return grade::fail;
    if (what == view_of::node && (now.draining || now.stands_still)) return grade::fail;
    if (nobody_in_use(now)) return grade::fail;
    const bool all_there = !has_state(now, member_state::down) &&
                           !has_state(now, member_state::suspect) &&
                           !has_state(now, member_state::late);
    const bool calm = now.scope == outage_scope::none && now.database != database_state::lost &&
                      now.summary.has_active && now.warnings.empty() && !now.blames_itself &&
                      !now.servers.panic;
    return all_there && calm ? grade::pass : grade::warn;
}

std::string summary_of(const cluster_snapshot& now, tongue in, view_of what)
{
    const bool vi = in == tongue::vi;
    if (what == view_of::node && now.draining)
        return vi ? "Máy chủ này đang ngừng nhận việc (draining); hãy dùng máy khác."
                  : "This server is draining; use another one.";
    if (nobody_in_use(now))
        return vi ? "Mọi máy chủ đều đang ngừng nhận việc (draining): hãy đưa một máy trở lại."
                  : "All servers are draining or away: take one into use again.";
    if (now.scope != outage_scope::none) return of_outage(now.scope, vi);
    const auto missing = in_state(now, member_state::down);
    if (!missing.empty()) return of_missing(now, missing, vi);
    if (!now.summary.has_active)
        return vi ? "Vẫn bán hàng được; các máy chủ đang chọn máy chính."
                  : "Selling works; the servers are choosing which of them leads.";
    if (const auto doubtful = in_state(now, member_state::suspect); !doubtful.empty())
        return vi ? "Vẫn bán hàng được; đang kiểm tra " + listed(doubtful, "và") + "."
                  : "Selling works; " + listed(doubtful, "and") +
                        (doubtful.size() == 1 ? " is" : " are") + " being checked on.";
    if (now.blames_itself) return vi ? "Máy chủ này đang chậm." : "This server is slow.";
    if (grade_of(now, what) != grade::pass)
        return vi ? "Bán hàng bình thường; có cảnh báo cho người quản trị."
                  : "Selling works; there are warnings for the operator.";
    return of_well(now, vi);
}

std::string rough(std::chrono::nanoseconds time)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 120 * 60) return std::to_string(seconds / 60) + " min";
    if (seconds < 48 * 3'600) return std::to_string(seconds / 3'600) + " h";
    return std::to_string(seconds / 86'400) + " d";
}

wall_time wall_of(const cluster_snapshot& of, wall_time at, instant when) noexcept
{
    return at - std::chrono::duration_cast<std::chrono::microseconds>(of.taken - when);
}

}  // namespace kieng::cluster::wire
