#include "cluster/ctl/drill_load.hpp"

#include "base/ids.hpp"
#include "cluster/wire/json_writer.hpp"

#include <algorithm>
#include <map>

namespace kieng::cluster::ctl {
namespace {

constexpr std::chrono::seconds kRenew{240};  // well before an access token expires
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::seconds kReckoning{60};

std::string product_body(const std::string& name)
{
    return wire::json_object().text("name", name).integer("price", 1).done();
}

}  // namespace

void reckon(const std::vector<load_write>& writes, const std::vector<std::string>& found,
            load_counts& counts)
{
    std::map<std::string, std::uint64_t> there;
    for (const auto& name : found) ++there[name];
    counts.writes += writes.size();
    for (const auto& one : writes) {
        const auto at = there.find(one.name);
        const std::uint64_t times = at == there.end() ? 0 : at->second;
        if (one.fate == write_fate::acknowledged) {
            ++counts.acknowledged;
            if (times == 0) ++counts.lost;
        }
        if (one.fate == write_fate::denied && times > 0) ++counts.denied;
        if (times > 1) ++counts.doubled;
    }
}

drill_load::drill_load(executor where, caller& nodes, const std::vector<server_report>& servers,
                       const drill_options& how)
    : where_(std::move(where)),
      workers_(how.workers),
      shared_(std::make_shared<shared_state>())
{
    shared_->nodes = &nodes;
    shared_->through = nodes.client_of(servers);
    // Letters and digits only, so that a search finds exactly this run.
    const std::string id = make_uuid(system_clock(), system_random());
    shared_->run = "drill" + id.substr(id.rfind('-') + 1);
    constexpr std::int64_t kSecond = 1'000'000;
    shared_->period = std::chrono::microseconds(kSecond * how.workers / how.writes_per_second);
}

void drill_load::start()
{
    shared_->through->start();
    for (int i = 0; i < workers_; ++i) {
        ++shared_->working;
        spawn(where_, work(shared_), {});
    }
    if (shared_->nodes->renews()) spawn(where_, renew(shared_), {});
}

std::optional<double> drill_load::longest(steady_time from, steady_time to) const
{
    std::optional<double> out;
    for (const auto& one : shared_->spans) {
        if (one.end < from || one.begin > to) continue;
        const double took = std::chrono::duration<double, std::milli>(one.end - one.begin).count();
        out = std::max(out.value_or(0), took);
    }
    return out;
}

task<> drill_load::renew(shared with)
{
    const steady_time began = system_clock().steady();
    steady_time due = began + kRenew;
    while (!with->stopping) {
        co_await sleep_for(kPoll);
        if (system_clock().steady() < due) continue;
        const auto trouble = co_await with->nodes->sign_in();
        due = system_clock().steady() + (trouble ? std::chrono::seconds(1) : kRenew);
    }
}

task<> drill_load::work(shared with)
{
    while (!with->stopping) {
        const steady_time began = system_clock().steady();
        std::string id = co_await write(with);
        if (!id.empty()) {
            std::string name = with->writes.back().name;
            co_await read(with, std::move(id), std::move(name));
        }
        const steady_time next = began + with->period;
        const steady_time now = system_clock().steady();
        if (next > now) co_await sleep_for(next - now);
    }
    --with->working;
}

task<client::outcome> drill_load::call(shared with, std::string method, std::string target,
                                       std::string body, std::string key)
{
    client::header_list headers = with->nodes->headers();
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    client::call_options how;
    if (!key.empty()) {
        how.use_key = client::key_use::given;
        how.key = std::move(key);
    }
    span took;
    took.begin = system_clock().steady();
    client::outcome came = co_await with->through->request(
        std::move(method), std::move(target), std::move(headers), std::move(body), std::move(how));
    took.end = system_clock().steady();
    with->spans.push_back(took);
    co_return came;
}

void drill_load::note_error(shared_state& with, const client::outcome& came)
{
    ++with.errors;
    if (with.first_error.empty())
        with.first_error = came.server + ": " + std::to_string(came.reply.status) + " " +
                           came.code + " after " + std::to_string(came.attempts) + " attempts";
}

// The id of the product, or empty.
task<std::string> drill_load::write(shared with)
{
    load_write one;
    one.name = with->run + " " + std::to_string(with->next++);
    one.key = make_uuid(system_clock(), system_random());
    std::string method = "POST";
    std::string target = "/products";
    std::string body = product_body(one.name);
    std::string key = one.key;
    const client::outcome came =
        co_await call(with, std::move(method), std::move(target), std::move(body), std::move(key));
    if (!came.ok) note_error(*with, came);
    if (came.ok || came.effect == committed::yes)
        one.fate = write_fate::acknowledged;
    else if (came.effect == committed::no)
        one.fate = write_fate::denied;
    with->writes.push_back(std::move(one));
    if (!came.ok) co_return std::string();
    co_return read_text(came.reply.body, "id").value_or("");
}

// A read by the client that wrote must find what it wrote, whichever node answers.
task<> drill_load::read(shared with, std::string id, std::string name)
{
    std::string method = "GET";
    std::string target = "/products/" + id;
    std::string body, key;
    const client::outcome came =
        co_await call(with, std::move(method), std::move(target), std::move(body), std::move(key));
    ++with->reads;
    if (!came.ok) {
        note_error(*with, came);
    } else if (read_text(came.reply.body, "name") != name) {
        ++with->errors;
        with->first_error = came.server + " showed something else than " + name;
    }
}

task<> drill_load::resolve_open(shared with)
{
    for (std::size_t i = 0; i < with->writes.size(); ++i) {
        if (with->writes[i].fate != write_fate::unknown) continue;
        std::string key = with->writes[i].key;
        client::header_list headers = with->nodes->headers();
        const client::resolution what =
            co_await with->through->resolve(std::move(key), std::move(headers));
        if (what.is == client::resolution::what::committed)
            with->writes[i].fate = write_fate::acknowledged;
        if (what.is == client::resolution::what::never) with->writes[i].fate = write_fate::denied;
    }
}

task<std::string> drill_load::list(shared with)
{
    std::string cursor;
    with->found.clear();
    do {
        std::string method = "GET";
        std::string target = "/products?limit=200&sort=newest&q=" + with->run +
                             (cursor.empty() ? "" : "&cursor=" + cursor);
        std::string body, key;
        const client::outcome came = co_await call(with, std::move(method), std::move(target),
                                                   std::move(body), std::move(key));
        if (!came.ok) co_return "what is there cannot be listed: " + failure_of(came).why;
        auto page = read_names(came.reply.body);
        if (!page) co_return std::string("the answer is no list of products");
        with->found.insert(with->found.end(), page->names.begin(), page->names.end());
        cursor = page->next;
    } while (!cursor.empty());
    co_return std::string();
}

task<std::string> drill_load::settle(load_counts& into)
{
    stop();
    const steady_time deadline = system_clock().steady() + kReckoning;
    while (shared_->working > 0 && system_clock().steady() < deadline) co_await sleep_for(kPoll);
    if (shared_->working > 0) co_return std::string("the last calls did not end");
    into.reads = shared_->reads;
    into.errors = shared_->errors;
    into.first_error = shared_->first_error;
    into.unknown = static_cast<std::uint64_t>(
        std::count_if(shared_->writes.begin(), shared_->writes.end(),
                      [](const auto& one) { return one.fate == write_fate::unknown; }));
    co_await resolve_open(shared_);
    std::string trouble = co_await list(shared_);
    if (trouble.empty()) reckon(shared_->writes, shared_->found, into);
    shared_->through->stop();
    co_return trouble;
}

}  // namespace kieng::cluster::ctl
