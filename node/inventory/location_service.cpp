#include "node/inventory/location_service.hpp"

#include "base/ids.hpp"
#include "node/catalog/edit_failures.hpp"
#include "node/catalog/fold.hpp"
#include "node/inventory/location_json.hpp"
#include "node/inventory/location_store.hpp"
#include "node/inventory/stock_announcement.hpp"

#include <algorithm>
#include <utility>

namespace kieng::inventory {
namespace {

using store::answer;

bool taken(const std::vector<location>& all, const std::string& code, const std::string& by_other)
{
    return std::any_of(all.begin(), all.end(), [&](const location& one) {
        return one.fields.code == code && one.id != by_other;
    });
}

std::string free_code(const std::vector<location>& all, const std::string& name)
{
    std::string stem = catalog::slugify(name, 36);
    if (stem.empty()) stem = "location";
    std::string code = stem;
    for (int n = 2; taken(all, code, ""); ++n) code = stem + "-" + std::to_string(n);
    return code;
}

answer shown(int status, const location& what)
{
    answer out;
    out.status = status;
    append_location(out.body, what);
    if (status == 201)
        out.headers.emplace_back("Location", "/inventory/locations/" + what.id);
    else
        out.headers.emplace_back("ETag", "\"" + std::to_string(what.version) + "\"");
    return out;
}

std::string details_of(const location_fields& before, const location_fields& after)
{
    std::string out = "{";
    for (const auto f : kLocationFields) {
        if (!same(f, before, after)) catalog::append_change(out, f, before, after);
    }
    return out + "}";
}

// Whether these fields may be put in place of those the location has.
result<void> check(store::tx& on, const std::vector<location>& all, const location& now,
                   const location_fields& wanted)
{
    if (taken(all, wanted.code, now.id)) return failure(errc::slug_taken);
    if (wanted.is_default && !wanted.active)
        return invalid("/active", fault_code::depends, "isDefault");
    // The default place stays until another one takes over.
    if (now.fields.is_default && !(wanted.is_default && wanted.active))
        return failure(errc::location_in_use);
    if (now.fields.active && !wanted.active && location_store::in_use(on, now.id))
        return failure(errc::location_in_use);
    return {};
}

const location* with_id(const std::vector<location>& all, const std::string& id)
{
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const location& one) { return one.id == id; });
    return at == all.end() ? nullptr : &*at;
}

failure conflict_of(const location& now, const location_fields& yours)
{
    std::vector<location_field> fields;
    for (const auto f : kLocationFields) {
        if (!same(f, now.fields, yours)) fields.push_back(f);
    }
    return catalog::conflict_failure<location_field, location_fields>(now.version, nullptr,
                                                                      now.fields, yours, fields);
}

}  // namespace

task<result<store::seen<std::optional<location>>>> location_service::find(std::string id)
{
    std::function<store::seen<std::optional<location>>(store::tx&)> look =
        [id = std::move(id)](store::tx& on) { return location_store::read(on, id); };
    co_return co_await reads_.query(std::move(look));
}

task<result<store::seen<std::vector<location>>>> location_service::list()
{
    std::function<store::seen<std::vector<location>>(store::tx&)> look = [](store::tx& on) {
        return location_store::list(on);
    };
    co_return co_await reads_.query(std::move(look));
}

task<result<store::written>> location_service::create(identity::actor who, store::write_key key,
                                                      location_change wanted)
{
    store::unit_of_work::business what =
        [this, who = std::move(who), wanted = std::move(wanted)](store::tx& on) -> result<answer> {
        const auto all = location_store::lock_all(on);
        location made;
        made.fields = apply({}, wanted);
        if (!wanted.code) made.fields.code = free_code(all, made.fields.name);
        const auto fine = check(on, all, made, made.fields);
        if (!fine) return fine.error();
        made.id = make_uuid(now_, bits_);
        if (made.fields.is_default) {
            location_store::clear_default(on, who.user_id);
            for (const auto& one : all) {
                if (one.fields.is_default) announce_location(on, one.id, one.version + 1);
            }
        }
        made = location_store::insert(on, made, who.user_id);
        log_.audit(on, who, {"location.create", "location", made.id, details_of({}, made.fields)});
        announce_location(on, made.id, made.version);
        return shown(201, made);
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> location_service::edit(identity::actor who, store::write_key key,
                                                    std::string id, location_change wanted)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id),
                                          wanted =
                                              std::move(wanted)](store::tx& on) -> result<answer> {
        const auto all = location_store::lock_all(on);
        const auto* const now = with_id(all, id);
        if (!now) return failure(errc::not_found);
        if (!wanted.version) return catalog::with_version(errc::version_required, now->version);
        auto next = *now;
        next.fields = apply(now->fields, wanted);
        if (next.fields == now->fields && *wanted.version <= now->version) return shown(200, *now);
        // Earlier versions are not kept: whoever started from one sees what is different now.
        if (*wanted.version != now->version) return conflict_of(*now, next.fields);
        const auto fine = check(on, all, *now, next.fields);
        if (!fine) return fine.error();
        if (next.fields.is_default && !now->fields.is_default) {
            location_store::clear_default(on, who.user_id);
            for (const auto& one : all) {
                if (one.fields.is_default) announce_location(on, one.id, one.version + 1);
            }
        }
        next = location_store::update(on, next, who.user_id);
        log_.audit(on, who,
                   {"location.update", "location", id, details_of(now->fields, next.fields)});
        announce_location(on, id, next.version);
        return shown(200, next);
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> location_service::remove(identity::actor who, store::write_key key,
                                                      std::string id,
                                                      std::optional<std::int64_t> version)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id),
                                          version](store::tx& on) -> result<answer> {
        const auto all = location_store::lock_all(on);
        const auto* const now = with_id(all, id);
        if (!now) return failure(errc::not_found);
        if (version && *version != now->version)
            return catalog::with_version(errc::version_conflict, now->version);
        if (now->fields.is_default || location_store::in_use(on, id))
            return failure(errc::location_in_use);
        if (location_store::has_history(on, id)) {
            auto closed = *now;
            closed.fields.active = false;
            if (now->fields.active) (void)location_store::update(on, closed, who.user_id);
        } else {
            location_store::remove(on, id);
        }
        log_.audit(on, who, {"location.delete", "location", id, "{}"});
        announce_location(on, id, now->version + 1);
        return answer{204, {}, {}};
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

}  // namespace kieng::inventory
