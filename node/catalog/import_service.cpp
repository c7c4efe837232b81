#include "node/catalog/import_service.hpp"

#include "base/log.hpp"
#include "node/catalog/import_rehearsal.hpp"
#include "node/catalog/product_list_store.hpp"
#include "node/catalog/product_store.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

namespace kieng::catalog {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatch = 200;
// How long an import that gets no further asks again: a failover of the database is over by then.
constexpr std::chrono::seconds kPatience{30};
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{2'000};

}  // namespace

struct import_service::progress {
    import_report report;
    std::deque<numbered_row> waiting;
    std::size_t size = kBatch;
    bool stop_on_error = false;
    bool committed = false;
    std::optional<csv_header> header;
    import_rehearsal rehearsal;  // of a dry run
    // Since when nothing went through, and the pause until it is tried again.
    std::optional<steady_time> stuck_since;
    milliseconds pause = kFirstPause;
    std::shared_ptr<import_batch> doubtful;  // a unit of which nobody knows whether it happened
};

// What became of a line. If a unit in doubt had happened, its lines change nothing the second time: what they did is known.
row_outcome import_service::outcome_of(const progress& at, const import_batch& what, std::size_t i)
{
    const auto came = what.outcome_of(i);
    if (came == row_outcome::unchanged && at.doubtful && i < at.doubtful->done() &&
        at.doubtful->row(i).number == what.row(i).number)
        return at.doubtful->outcome_of(i);
    return came;
}

void import_service::count(progress& to, const import_batch& what) const
{
    auto& report = to.report;
    std::ptrdiff_t counted = 0;
    for (std::size_t i = 0; i < what.done(); ++i) {
        const auto& row = what.row(i);
        if (row.again) continue;
        ++counted;
        ++report.rows;
        const auto came = outcome_of(to, what, i);
        if (came == row_outcome::created) ++report.created;
        if (came == row_outcome::updated) ++report.updated;
        if (came == row_outcome::unchanged) ++report.unchanged;
        if (came == row_outcome::failed) ++report.failed;
        for (const auto& fault : what.faults_of(i)) report.add({row.number, fault});
    }
    if (report.dry_run) to.rehearsal.remember(*to.header, what);
    to.waiting.erase(to.waiting.begin(), to.waiting.begin() + counted);
    report.stopped = what.stopped();
}

// What to do about a unit that did not happen: smaller units for what was too much or in another's way, a pause, and in the end a line
// that the database will not take is told like any other fault, so that it harms no line but itself.
task<void> import_service::step_back(progress& at, failure why)
{
    if (why.code == errc::internal_error) {
        if (at.size > 1) {
            at.size = std::max<std::size_t>(1, at.size / 4);
            co_return;
        }
        auto& report = at.report;
        ++report.rows;
        ++report.failed;
        report.add({at.waiting.front().number, {"", fault_code::bad_row, {}}});
        report.stopped = at.stop_on_error;
        at.waiting.pop_front();
        co_return;
    }
    const auto now = reads_.time().steady();
    if (!at.stuck_since) at.stuck_since = now;
    if (now - *at.stuck_since >= kPatience) {
        if (at.committed) why.effect = committed::yes;
        if (at.doubtful) why.effect = committed::unknown;
        at.report.stopped = true;
        at.report.broken = std::move(why);
        co_return;
    }
    log::warning("import_waits", {{"why", name_of(why.code)}, {"rows", at.report.rows}});
    at.size = std::max<std::size_t>(1, at.size / 4);
    co_await sleep_for(at.pause);
    at.pause = std::min(at.pause * 2, kLongestPause);
}

task<void> import_service::flush(const identity::actor& who, const import_options& how,
                                 progress& to)
{
    const std::size_t count_now = std::min(to.size, to.waiting.size());
    std::vector<numbered_row> rows;
    std::copy_n(to.waiting.begin(), count_now, std::back_inserter(rows));
    if (how.dry_run) {
        auto again = to.rehearsal.before(*to.header, rows);
        rows.insert(rows.begin(), std::make_move_iterator(again.begin()),
                    std::make_move_iterator(again.end()));
    }
    auto what = std::make_shared<import_batch>(editor_, categories_, who, how, std::move(rows));
    store::unit_of_work::business business = [what](store::tx& on) { return what->run(on); };
    store::write_key key;
    key.principal = who.user_id.empty() ? "import" : who.user_id;
    key.trace = who.trace;
    const auto done = co_await work_.run(std::move(key), std::move(business));
    const bool rolled_back_on_purpose =
        how.dry_run && done.has_error() && done.error().code == errc::bad_request;
    if (done.has_error() && !rolled_back_on_purpose) {
        if (done.error().code == errc::outcome_unknown && !to.doubtful) to.doubtful = what;
        failure why = done.error();
        co_await step_back(to, std::move(why));
        co_return;
    }
    count(to, *what);
    to.committed = to.committed || !how.dry_run;
    to.size = std::min(kBatch, to.size * 2);
    to.stuck_since.reset();
    to.pause = kFirstPause;
    if (to.waiting.empty() || !to.doubtful ||
        to.waiting.front().number > to.doubtful->row(to.doubtful->done() - 1).number)
        to.doubtful.reset();
}

// The line of the audit log about the whole. The goods have lines of their own, so an import does not fail for want of it.
task<void> import_service::note(identity::actor who, import_report report)
{
    std::string details = "{";
    const auto add = [&](const char* name, std::int64_t value) {
        details +=
            (details.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + std::to_string(value);
    };
    add("rows", report.rows);
    add("created", report.created);
    add("updated", report.updated);
    add("unchanged", report.unchanged);
    add("failed", report.failed);
    details += "}";
    store::write_key key;
    key.principal = who.user_id.empty() ? "import" : who.user_id;
    key.trace = who.trace;
    store::unit_of_work::business business = [this, who, details](store::tx& on) {
        editor_.log().audit(on, who, {"product.import", "product", {}, details});
        return result<store::answer>(store::answer{204, {}, {}});
    };
    const auto done = co_await work_.run(std::move(key), std::move(business));
    if (!done) log::warning("import_not_noted", {{"why", name_of(done.error().code)}});
}

task<result<import_report>> import_service::import_csv(identity::actor who, source from,
                                                       import_options how)
{
    progress at;
    at.report.dry_run = how.dry_run;
    at.stop_on_error = how.stop_on_error;
    csv_reader reader;
    auto& header = at.header;
    std::optional<failure> bad_header;
    std::int64_t number = 0;
    const csv_reader::sink each = [&](csv_record record) {
        if (bad_header) return;
        if (header) {
            auto what = read_csv_row(*header, record);
            if (!how.dry_run) record = {};
            at.waiting.push_back({++number, std::move(what), std::move(record)});
            return;
        }
        auto read = read_csv_header(record);
        if (read)
            header = *std::move(read);
        else
            bad_header = read.error();
    };
    bool more = true;
    bool readable = true;
    while (more && readable && !at.report.stopped) {
        auto piece = co_await from();
        if (!piece) {
            failure why = piece.error();
            if (at.committed) {
                why.effect = committed::yes;
                import_report so_far = at.report;
                co_await note(who, std::move(so_far));
            }
            co_return why;
        }
        more = !piece->empty();
        readable = more ? reader.take(*piece, each) : reader.finish(each);
        if (bad_header) co_return *bad_header;
        if (!readable && !header)
            co_return failure(errc::csv_invalid, {"Không đọc được dòng tiêu đề.",
                                                  "The header line could not be read."});
        const bool all = !more || !readable;
        while (!at.report.stopped &&
               (at.waiting.size() >= at.size || (all && !at.waiting.empty()))) {
            co_await flush(who, how, at);
        }
    }
    if (!header)
        co_return failure(errc::csv_invalid,
                          {"Không có dòng tiêu đề.", "There is no header line."});
    if (!readable && !at.report.stopped) {
        at.report.stopped = true;
        ++at.report.rows;
        ++at.report.failed;
        at.report.add({number + 1, {"", fault_code::bad_row, {}}});
    }
    if (at.committed) {
        import_report so_far = at.report;
        co_await note(who, std::move(so_far));
    }
    co_return std::move(at.report);
}

task<result<import_service::export_part>> import_service::export_csv(product_filter what,
                                                                     std::string after)
{
    product_query query;
    query.filter = std::move(what);
    query.sort = product_sort::oldest;
    query.limit = kExportRows;
    if (!after.empty()) query.from = cursor{0, "", after};
    std::function<export_part(store::tx&)> look = [query = std::move(query)](store::tx& on) {
        export_part out;
        std::vector<std::string> ids;
        for (auto& item : product_list_store::list(on, query).value.items)
            ids.push_back(std::move(item.id));
        if (ids.empty()) return out;
        out.last_id = ids.back();
        for (const auto& p : product_store::load(on, ids).values) {
            if (p) append_csv_row(out.lines, *p);
        }
        return out;
    };
    co_return co_await reads_.query(std::move(look));
}

}  // namespace kieng::catalog
