#include "cluster/ctl/caller.hpp"

#include "cluster/wire/json_writer.hpp"

#include <algorithm>

namespace kieng::cluster::ctl {
namespace {

using client::client_options;
using client::failover_client;
using client::outcome;

constexpr std::chrono::milliseconds kLook{5000};
constexpr std::chrono::milliseconds kDirect{3000};

client_options options_of(const options& how)
{
    client_options out;
    out.views = client::view_source::off;
    out.probes = false;
    out.ca_file = how.ca_file;
    out.user_agent = "kiengctl";
    return out;
}

client_options options_of_any(const options& how)
{
    client_options out = options_of(how);
    for (const auto& url : how.urls) out.servers.push_back({.id = "", .url = url});
    out.numbers.deadline = kLook;
    return out;
}

// Whether it is the answer of a look, also of a node that is not well.
bool is_answer(const outcome& came)
{
    constexpr int kUnavailable = 503;
    return came.ok || (came.reply.status == kUnavailable && read_health(came.reply.body));
}

}  // namespace

failed failure_of(const outcome& came)
{
    constexpr int kUnauthenticated = 401, kForbidden = 403;
    if (came.reply.status == 0)
        return {exit_code::nobody, "nobody answers (" + came.server + ": " + came.code + ")"};
    const auto said = read_problem(came.reply.body);
    std::string sentence = !said.detail.empty() ? said.detail : said.title;
    if (came.reply.status == kUnauthenticated) sentence = "not signed in: " + sentence;
    if (came.reply.status == kForbidden) sentence = "not allowed: " + sentence;
    return {exit_code::refused, came.server + " refused (" + std::to_string(came.reply.status) +
                                    " " + came.code + "): " + sentence};
}

const server_report* server_named(const std::vector<server_report>& all, const std::string& id)
{
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const server_report& one) { return one.id == id; });
    return at == all.end() ? nullptr : &*at;
}

failed unknown_node(const std::vector<server_report>& all, const std::string& id)
{
    std::string names;
    for (const auto& one : all) names += (names.empty() ? "" : ", ") + one.id;
    return {exit_code::usage, "no node is called " + id + "; there are " + names};
}

caller::caller(executor where, const options& how)
    : where_(std::move(where)),
      how_(how),
      any_(where_, options_of_any(how)),
      token_(how.who.token)
{}

failover_client& caller::direct(const std::string& url)
{
    auto& found = nodes_[url];
    if (!found) {
        client_options with = options_of(how_);
        with.servers.push_back({.id = "", .url = url});
        with.numbers.retries = 0;
        with.numbers.deadline = kDirect;
        found = std::make_unique<failover_client>(where_, with);
    }
    return *found;
}

std::unique_ptr<failover_client> caller::client_of(const std::vector<server_report>& nodes) const
{
    client_options with = options_of(how_);
    for (const auto& one : nodes) with.servers.push_back({.id = one.id, .url = one.url});
    with.views = client::view_source::long_poll;
    with.probes = true;
    return std::make_unique<failover_client>(where_, with);
}

client::header_list caller::headers() const
{
    client::header_list out{{"Accept-Language", "en"}};
    if (!token_.empty()) out.emplace_back("Authorization", "Bearer " + token_);
    return out;
}

task<or_failed<std::string>> caller::look(std::string target)
{
    std::string method = "GET";
    client::header_list with = headers();
    std::string body;
    client::call_options how;
    outcome came = co_await any_.request(std::move(method), std::move(target), std::move(with),
                                         std::move(body), std::move(how));
    if (is_answer(came)) co_return std::move(came.reply.body);
    co_return failure_of(came);
}

task<or_failed<cluster_report>> caller::status()
{
    std::string target = "/api/cluster/status";
    auto came = co_await look(std::move(target));
    if (auto* const why = std::get_if<failed>(&came)) co_return *why;
    auto read = read_status(std::get<std::string>(came));
    if (!read) co_return failed(exit_code::refused, "the answer is no status of a cluster");
    co_return *std::move(read);
}

task<or_failed<std::vector<server_report>>> caller::servers()
{
    std::string target = "/api/cluster/healthy-servers";
    auto came = co_await look(std::move(target));
    if (auto* const why = std::get_if<failed>(&came)) co_return *why;
    auto read = read_servers(std::get<std::string>(came));
    if (!read) co_return failed(exit_code::refused, "the answer is no list of servers");
    co_return *std::move(read);
}

task<outcome> caller::ask(std::string url, std::string method, std::string target, std::string body)
{
    client::header_list with = headers();
    if (!body.empty()) with.emplace_back("Content-Type", "application/json");
    client::call_options how;
    how.use_key = client::key_use::none;
    how.hedge = false;
    co_return co_await direct(url).request(std::move(method), std::move(target), std::move(with),
                                           std::move(body), std::move(how));
}

task<std::optional<failed>> caller::sign_in()
{
    if (!how_.who.token.empty()) co_return std::nullopt;
    if (how_.who.email.empty() || how_.who.password.empty())
        co_return failed(
            exit_code::refused,
            "this needs an operator: set KIENG_TOKEN, or OWNER_EMAIL and OWNER_PASSWORD");
    std::string body = wire::json_object()
                           .text("email", how_.who.email)
                           .text("password", how_.who.password)
                           .done();
    std::string method = "POST";
    std::string target = "/auth/login";
    client::header_list with{{"Accept-Language", "en"}, {"Content-Type", "application/json"}};
    client::call_options how;
    how.use_key = client::key_use::none;
    how.attempt_timeout = kLook;  // hashing a password takes its time
    const outcome came = co_await any_.request(std::move(method), std::move(target),
                                               std::move(with), std::move(body), std::move(how));
    if (!came.ok) co_return failure_of(came);
    auto token = read_text(came.reply.body, "accessToken");
    if (!token) co_return failed(exit_code::refused, "the answer to the sign-in holds no token");
    token_ = *std::move(token);
    co_return std::nullopt;
}

}  // namespace kieng::cluster::ctl
