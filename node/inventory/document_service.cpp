#include "node/inventory/document_service.hpp"

#include "base/ids.hpp"
#include "base/json_text.hpp"
#include "node/inventory/document_json.hpp"
#include "node/inventory/document_store.hpp"
#include "node/inventory/location_store.hpp"
#include "node/inventory/stock_announcement.hpp"
#include "node/inventory/stock_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kieng::inventory {
namespace {

using store::answer;

answer shown(int status, const document& what)
{
    answer out;
    out.status = status;
    if (status == 201) out.headers.emplace_back("Location", "/inventory/documents/" + what.id);
    // Who may write stock may see what it cost; a repeat comes from the same caller.
    append_document(out.body, what, true);
    return out;
}

// Fills in the ids of both. Faults name the member the line used.
result<void> resolve(store::tx& on, std::vector<document_line>& lines)
{
    std::vector<field_fault> faults;
    for (const auto i : stock_store::resolve(on, lines)) {
        const char* const member = lines[i].what.variant_id.empty() ? "productId" : "variantId";
        const auto code = lines[i].what.variant_id.empty() ? fault_code::unknown_product
                                                           : fault_code::unknown_variant;
        faults.push_back({line_pointer(static_cast<std::int64_t>(i), member), code, ""});
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return {};
}

result<void> place(store::tx& on, document& what)
{
    const bool transfer = what.kind == document_kind::transfer;
    const auto open = location_store::keep(on, what.location_id, what.to_location_id);
    const auto named = [&](const std::string& id) {
        return std::find_if(open.begin(), open.end(), [&](const location& one) {
            return id.empty() ? one.fields.is_default : one.id == id;
        });
    };
    const auto from = named(what.location_id);
    if (from == open.end())
        return invalid(transfer ? "/fromLocationId" : "/locationId", fault_code::unknown_location);
    what.location_id = from->id;
    if (!transfer) return {};
    if (what.to_location_id == what.location_id)
        return invalid("/toLocationId", fault_code::duplicate, "not fromLocationId");
    if (named(*what.to_location_id) == open.end())
        return invalid("/toLocationId", fault_code::unknown_location);
    return {};
}

// What stands against a document, as its writer reads it: lines to mend, or goods that are not there.
failure refused(const std::vector<stock_store::refusal>& why)
{
    std::vector<field_fault> faults;
    failure shortage(errc::insufficient_stock);
    shortage.members = "\"items\":[";
    for (const auto& one : why) {
        switch (one.why) {
        case stock_store::obstacle::lot_needed:
            faults.push_back({line_pointer(one.line, "lot"), fault_code::required, ""});
            break;
        case stock_store::obstacle::lot_not_wanted:
            faults.push_back(
                {line_pointer(one.line, "lot"), fault_code::depends, "lotTracked: true"});
            break;
        case stock_store::obstacle::other_last_day:
            faults.push_back({line_pointer(one.line, "expiresOn"), fault_code::not_one_of,
                              one.expires_on.empty() ? "null" : one.expires_on});
            break;
        case stock_store::obstacle::not_enough:
            if (shortage.members.back() != '[') shortage.members += ',';
            shortage.members += R"({"line":)" + std::to_string(one.line) + R"(,"variantId":")" +
                                one.variant_id + R"(","locationId":")" + one.location_id +
                                R"(","wanted":)" + std::to_string(one.wanted) + R"(,"available":)" +
                                std::to_string(one.available) + '}';
            break;
        }
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    shortage.members += ']';
    return shortage;
}

// Each variant and lot once, and lots where they are asked for.
result<void> check_counted(store::tx& on, const std::vector<document_line>& lines,
                           wall_time opened_at)
{
    std::vector<std::string> variants;
    for (const auto& line : lines) variants.push_back(line.what.variant_id);
    const auto by_lot = stock_store::lot_tracked(on, variants);
    std::vector<field_fault> faults;
    std::set<std::pair<std::string, std::string>> named;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto n = static_cast<std::int64_t>(i);
        if (!named.emplace(variants[i], lines[i].lot.value_or("")).second)
            faults.push_back({line_pointer(n, "variantId"), fault_code::duplicate, ""});
        if (by_lot[i] && !lines[i].lot)
            faults.push_back({line_pointer(n, "lot"), fault_code::required, ""});
        if (!by_lot[i] && lines[i].lot)
            faults.push_back({line_pointer(n, "lot"), fault_code::depends, "lotTracked: true"});
        if (lines[i].counted_at && *lines[i].counted_at < opened_at)
            faults.push_back({line_pointer(n, "countedAt"), fault_code::in_the_past,
                              to_wire_time(opened_at) + ".."});
    }
    if (!faults.empty()) return failure(errc::validation_failed, std::move(faults));
    return {};
}

std::string details_of(const document& what)
{
    return R"({"number":)" + json_string(what.number) + R"(,"kind":")" +
           std::string(name_of(what.kind)) + R"(","lines":)" + std::to_string(what.lines.size()) +
           "}";
}

}  // namespace

task<result<store::seen<std::optional<document>>>> document_service::find(std::string id)
{
    // Two statements: one snapshot for both.
    std::function<std::optional<document>(store::tx&)> look = [id = std::move(id)](store::tx& on) {
        return document_store::find(on, id);
    };
    co_return co_await reads_.read(std::move(look));
}

task<result<store::seen<catalog::page<document>>>> document_service::list(document_query query)
{
    std::function<store::seen<catalog::page<document>>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) { return document_store::list(on, query); };
    co_return co_await reads_.query(std::move(look));
}

result<void> document_service::move(store::tx& on, const identity::actor& who,
                                    const document& of) const
{
    const auto pieces = pieces_of(of);
    if (pieces.empty()) return {};
    const std::optional<std::string> reason = of.kind == document_kind::count && !of.reason
                                                  ? std::optional<std::string>("count")
                                                  : of.reason;
    const auto done = stock_store::post(on, of.id, pieces, reason, who.user_id);
    if (!done.refused.empty()) return refused(done.refused);
    std::vector<std::string> changed;
    std::vector<std::pair<std::string, std::string>> low;
    for (const auto& one : done.changed) {
        changed.push_back(one.variant_id);
        if (one.fell) low.emplace_back(one.variant_id, one.location_id);
    }
    announce_stock(on, changed, name_of(of.kind), of.id);
    announce_low(on, low);
    return {};
}

result<answer> document_service::post_in(store::tx& on, const identity::actor& who,
                                         document wanted) const
{
    const auto placed = place(on, wanted);
    if (!placed) return placed.error();
    const auto known = resolve(on, wanted.lines);
    if (!known) return known.error();
    wanted.id = make_uuid(with_.now, with_.bits);
    if (wanted.currency.empty()) wanted.currency = with_.currency;
    wanted.status =
        wanted.kind == document_kind::count ? document_status::open : document_status::done;
    document_store::insert(on, wanted, who.user_id);
    const auto moved = move(on, who, wanted);
    if (!moved) return moved.error();
    with_.log.audit(on, who,
                    {wanted.status == document_status::open ? "stock.open" : "stock.post",
                     "stock_document", wanted.id, details_of(wanted)});
    return shown(201, wanted);
}

result<answer> document_service::count_in(store::tx& on, const identity::actor& who,
                                          const std::string& id,
                                          std::vector<document_line> lines) const
{
    const auto now = document_store::lock(on, id);
    if (!now || now->kind != document_kind::count) return failure(errc::not_found);
    if (now->status != document_status::open) return failure(errc::document_closed);
    const auto known = resolve(on, lines);
    if (!known) return known.error();
    const auto fine = check_counted(on, lines, now->created_at);
    if (!fine) return fine.error();
    if (!document_store::count(on, id, lines, who.user_id))
        return invalid("/lines", fault_code::too_many, std::to_string(kMaxDocumentLines));
    return shown(200, *document_store::find(on, id));
}

result<answer> document_service::close_in(store::tx& on, const identity::actor& who,
                                          const std::string& id, bool moves) const
{
    const auto now = document_store::lock(on, id);
    if (!now || now->kind != document_kind::count) return failure(errc::not_found);
    if (now->status != document_status::open) return failure(errc::document_closed);
    if (moves) {
        document_store::expect(on, id);
        const auto counted = document_store::find(on, id);
        const auto moved = move(on, who, *counted);
        if (!moved) return moved.error();
    }
    document_store::set_status(on, id, moves ? document_status::done : document_status::cancelled,
                               who.user_id);
    const auto after = document_store::find(on, id);
    with_.log.audit(
        on, who, {moves ? "stock.post" : "stock.cancel", "stock_document", id, details_of(*after)});
    return shown(200, *after);
}

task<result<store::written>> document_service::post(identity::actor who, store::write_key key,
                                                    document wanted)
{
    store::unit_of_work::business what = [this, who = std::move(who), wanted = std::move(wanted)](
                                             store::tx& on) { return post_in(on, who, wanted); };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> document_service::count(identity::actor who, store::write_key key,
                                                     std::string id,
                                                     std::vector<document_line> lines)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id),
                                          lines = std::move(lines)](store::tx& on) {
        return count_in(on, who, id, lines);
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> document_service::finish(identity::actor who, store::write_key key,
                                                      std::string id)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id)](
                                             store::tx& on) { return close_in(on, who, id, true); };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> document_service::cancel(identity::actor who, store::write_key key,
                                                      std::string id)
{
    store::unit_of_work::business what = [this, who = std::move(who),
                                          id = std::move(id)](store::tx& on) {
        return close_in(on, who, id, false);
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

}  // namespace kieng::inventory
