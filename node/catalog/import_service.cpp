#include "node/catalog/import_service.hpp"

#include "node/catalog/category_store.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_list_store.hpp"
#include "node/catalog/product_store.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kieng::catalog {
namespace {

constexpr std::size_t kBatch = 200;

enum class outcome : std::uint8_t { none = 1, created, updated, unchanged, failed };

// The faults of a refusal, by column.
std::vector<field_fault> csv_faults(const failure& why)
{
    std::vector<field_fault> out;
    for (const auto& fault : why.fields)
        out.push_back({csv_column_of(fault.pointer), fault.code, fault.allowed});
    if (!out.empty()) return out;
    if (why.code == errc::status_transition_refused)
        out.push_back({"status", fault_code::status_transition_refused, {}});
    else if (why.code == errc::category_too_deep)
        out.push_back({"category", fault_code::too_deep, std::to_string(kMaxCategoryLevels)});
    else
        out.push_back({"", fault_code::changed_meanwhile, {}});
    return out;
}

struct numbered_row {
    std::int64_t number;
    csv_row what;
};

}  // namespace

// The lines of one unit of work. `run` may happen again after an outcome in doubt, so it begins with empty results.
struct import_service::batch {
    identity::actor who;
    import_options how;
    std::vector<numbered_row> rows;
    std::vector<outcome> outcomes;
    std::vector<std::vector<field_fault>> faults;
    bool stopped = false;
};

struct import_service::progress {
    import_report report;
    std::deque<numbered_row> waiting;
    std::size_t size = kBatch;
    bool committed = false;
    std::unordered_set<std::string> made;  // SKUs a dry run would have made by now
};

// Looks up the categories of a line, makes them where that is wanted, and leaves their ids in the change.
result<void> import_service::find_categories(store::tx& on, const batch& what,
                                             product_change& change) const
{
    if (!what.how.create_categories || !change.category || !*change.category) return {};
    auto top = categories_.find_or_create(on, what.who, **change.category, nullptr);
    if (!top) {
        auto why = top.error();
        for (auto& fault : why.fields) fault.pointer = "/category";
        return why;
    }
    **change.category = top->id;
    if (!change.subcategory || !*change.subcategory) return {};
    auto below = categories_.find_or_create(on, what.who, **change.subcategory, &*top);
    if (!below) {
        auto why = below.error();
        for (auto& fault : why.fields) fault.pointer = "/subcategory";
        return why;
    }
    **change.subcategory = below->id;
    return {};
}

void import_service::import_row(store::tx& on, batch& what, std::size_t index,
                                std::string& known_id) const
{
    auto& row = what.rows[index].what;
    auto& faults = what.faults[index];
    const auto fail = [&](std::vector<field_fault> why) {
        faults = std::move(why);
        what.outcomes[index] = outcome::failed;
    };
    if (!row.faults.empty()) return fail(row.faults);
    product_change change = row.change;
    if (known_id.empty()) {
        std::vector<field_fault> missing;
        if (!change.name) missing.push_back({"name", fault_code::required, {}});
        if (!change.price) missing.push_back({"price", fault_code::required, {}});
        if (!missing.empty()) return fail(std::move(missing));
    }
    const auto placed = find_categories(on, what, change);
    if (!placed) return fail(csv_faults(placed.error()));
    if (known_id.empty()) {
        change.sku = row.sku;
        auto made = editor_.create(on, what.who, std::move(change));
        if (!made) return fail(csv_faults(made.error()));
        known_id = made->id;
        what.outcomes[index] = outcome::created;
        return;
    }
    auto done = editor_.edit(on, what.who, known_id, std::move(change), true);
    if (!done) return fail(csv_faults(done.error()));
    what.outcomes[index] = done->changed ? outcome::updated : outcome::unchanged;
}

result<store::answer> import_service::run(store::tx& on, batch& what) const
{
    what.outcomes.assign(what.rows.size(), outcome::none);
    what.faults.assign(what.rows.size(), {});
    what.stopped = false;
    // All codes at once and in order, so that two imports never wait for each other in a circle.
    std::vector<std::string> skus, slugs, barcodes;
    for (const auto& row : what.rows) {
        if (row.what.sku.empty()) continue;
        skus.push_back(row.what.sku);
        const auto& c = row.what.change;
        if (c.slug)
            slugs.push_back(*c.slug);
        else if (c.name)
            slugs.push_back(slugify(*c.name, 180));
        if (c.default_barcode && *c.default_barcode) barcodes.push_back(**c.default_barcode);
    }
    product_store::lock_codes(on, slugs, skus, barcodes);
    std::unordered_map<std::string, product_store::sku_owner> owners;
    const auto found = product_store::owners_of(on, skus);
    for (std::size_t i = 0; i < skus.size(); ++i) owners.emplace(skus[i], found[i]);
    for (std::size_t i = 0; i < what.rows.size(); ++i) {
        auto& owner = owners[what.rows[i].what.sku];
        if (!owner.product_id.empty() && !owner.is_default) {
            what.outcomes[i] = outcome::failed;
            what.faults[i].push_back({"sku", fault_code::sku_taken, {}});
        } else {
            import_row(on, what, i, owner.product_id);
            owner.is_default = true;
        }
        if (what.outcomes[i] == outcome::failed && what.how.stop_on_error) {
            what.stopped = true;
            break;
        }
    }
    // A refusal rolls everything back, which is all a dry run wants.
    if (what.how.dry_run) return failure(errc::bad_request);
    return store::answer{204, {}, {}};
}

task<result<void>> import_service::flush(const identity::actor& who, const import_options& how,
                                         progress& to)
{
    auto what = std::make_shared<batch>();
    what->who = who;
    what->how = how;
    const std::size_t count = std::min(to.size, to.waiting.size());
    std::copy_n(to.waiting.begin(), count, std::back_inserter(what->rows));
    store::unit_of_work::business business = [this, what](store::tx& on) { return run(on, *what); };
    store::write_key key;
    key.principal = who.user_id.empty() ? "import" : who.user_id;
    key.trace = who.trace;
    const auto done = co_await work_.run(std::move(key), std::move(business));
    const bool rolled_back_on_purpose =
        how.dry_run && done.has_error() && done.error().code == errc::bad_request;
    if (done.has_error() && !rolled_back_on_purpose) {
        // Too much for the time a unit has, or a lock was busy: smaller batches, down to single lines.
        if (to.size > 1 && done.error().code != errc::outcome_unknown) {
            to.size = std::max<std::size_t>(1, to.size / 4);
            co_return result<void>();
        }
        failure why = done.error();
        if (to.committed) why.effect = committed::yes;
        co_return why;
    }
    to.committed = to.committed || !how.dry_run;
    auto& report = to.report;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& row = what->rows[i];
        if (what->outcomes[i] == outcome::none) break;
        ++report.rows;
        outcome came = what->outcomes[i];
        if (how.dry_run && came == outcome::created && !to.made.insert(row.what.sku).second)
            came = outcome::updated;
        if (came == outcome::created) ++report.created;
        if (came == outcome::updated) ++report.updated;
        if (came == outcome::unchanged) ++report.unchanged;
        if (came == outcome::failed) ++report.failed;
        for (const auto& fault : what->faults[i]) {
            if (report.errors.size() < import_report::kMaxErrors)
                report.errors.push_back({row.number, fault});
            else
                report.truncated = true;
        }
    }
    to.waiting.erase(to.waiting.begin(), to.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    report.stopped = what->stopped;
    co_return result<void>();
}

task<result<import_report>> import_service::import_csv(identity::actor who, source from,
                                                       import_options how)
{
    progress at;
    at.report.dry_run = how.dry_run;
    csv_reader reader;
    std::optional<csv_header> header;
    std::optional<failure> bad_header;
    std::int64_t number = 0;
    const csv_reader::sink each = [&](csv_record record) {
        if (bad_header) return;
        if (header) {
            at.waiting.push_back({++number, read_csv_row(*header, record)});
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
            if (at.committed) why.effect = committed::yes;
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
            const auto flushed = co_await flush(who, how, at);
            if (!flushed) co_return flushed.error();
        }
    }
    if (!header)
        co_return failure(errc::csv_invalid,
                          {"Không có dòng tiêu đề.", "There is no header line."});
    if (!readable && !at.report.stopped) {
        at.report.stopped = true;
        ++at.report.rows;
        ++at.report.failed;
        if (at.report.errors.size() < import_report::kMaxErrors)
            at.report.errors.push_back({number + 1, {"", fault_code::bad_row, {}}});
        else
            at.report.truncated = true;
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
