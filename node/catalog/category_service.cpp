#include "node/catalog/category_service.hpp"

#include "base/encoding.hpp"
#include "node/catalog/category_json.hpp"
#include "node/catalog/edit_failures.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"
#include "node/catalog/product_announcement.hpp"
#include "node/catalog/product_store.hpp"

#include <utility>

namespace kieng::catalog {
namespace {

std::string path_below(const std::optional<category>& parent, const std::string& slug)
{
    return parent ? parent->path + "/" + slug : slug;
}

std::string details_of(const category_fields& before, const category_fields& after)
{
    std::string out = "{";
    for (const auto f : kCategoryFields) {
        if (value_of(f, before) == value_of(f, after)) continue;
        append_change(out, f, before, after);
    }
    return out + "}";
}

void normalise(store::tx& on, std::optional<std::string>& name)
{
    if (!name || !may_be_decomposed(*name)) return;
    const std::vector<std::string> one{*name};
    name = product_store::normalised(on, one).front();
}

}  // namespace

task<result<store::seen<std::optional<category>>>> category_service::find(std::string id)
{
    std::function<store::seen<std::optional<category>>(store::tx&)> look =
        [id = std::move(id)](store::tx& on) { return category_store::read(on, id); };
    co_return co_await reads_.query(std::move(look));
}

task<result<store::seen<page<category>>>> category_service::list(
    category_store::category_query query)
{
    std::function<store::seen<page<category>>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) { return category_store::list(on, query); };
    co_return co_await reads_.query(std::move(look));
}

result<category> category_service::create_in(store::tx& on, const identity::actor& who,
                                             const category_change& wanted) const
{
    category_store::lock_tree(on);
    std::optional<category> parent;
    category c;
    c.fields = apply({}, wanted);
    if (!c.fields.parent_id.empty()) {
        const std::vector<std::string> one{c.fields.parent_id};
        parent = category_store::resolve(on, one).front();
        if (!parent) return invalid("/parentId", fault_code::unknown_category);
        if (levels_of(parent->path) >= kMaxCategoryLevels) return failure(errc::category_too_deep);
    }
    if (wanted.slug) {
        if (category_store::slug_taken(on, c.fields.slug, "")) return failure(errc::slug_taken);
    } else {
        const std::string stem = slugify(c.fields.name, 180);
        c.fields.slug = category_store::free_slug(on, stem.empty() ? "category" : stem);
    }
    c.id = make_uuid(now_, bits_);
    c.path = path_below(parent, c.fields.slug);
    category_store::insert(on, c);
    log_.audit(on, who, {"category.create", "category", c.id, "{}"});
    announce_category(on, c.id, c.version,
                      {"category:" + c.id, "list:categories", "list:products"});
    return c;
}

result<category_service::edited> category_service::edit_in(store::tx& on,
                                                           const identity::actor& who,
                                                           const std::string& id,
                                                           const category_change& wanted) const
{
    category_store::lock_tree(on);
    const auto current = category_store::find(on, id);
    if (!current) return failure(errc::not_found);
    if (!wanted.version) return with_version(errc::version_required, current->version);
    category_fields base = current->fields;
    bool base_kept = true;
    if (*wanted.version != current->version) {
        const auto kept = category_store::version_json(on, id, *wanted.version);
        base_kept = kept.has_value();
        if (kept) base = read_stored_category(*kept);
    }
    const auto yours = apply(base, wanted);
    auto outcome = merge(base, current->fields, yours);
    if (!base_kept) {
        for (const auto f : kCategoryFields) {
            if (value_of(f, current->fields) != value_of(f, yours)) outcome.conflicts.push_back(f);
        }
    }
    if (!outcome.conflicts.empty())
        return conflict_failure(current->version, base_kept ? &base : nullptr, current->fields,
                                yours, outcome.conflicts);
    edited after{*current, std::move(outcome.kept)};
    after.now.fields = std::move(outcome.fields);
    return write(on, who, *current, std::move(after));
}

result<category_service::edited> category_service::write(store::tx& on, const identity::actor& who,
                                                         const category& before, edited after) const
{
    auto& c = after.now;
    std::optional<category> parent;
    if (!c.fields.parent_id.empty()) {
        const std::vector<std::string> one{c.fields.parent_id};
        parent = category_store::resolve(on, one).front();
        if (!parent) return invalid("/parentId", fault_code::unknown_category);
        if (is_within(parent->path, before.path)) return failure(errc::category_cycle);
    }
    c.path = path_below(parent, c.fields.slug);
    const std::string details = details_of(before.fields, c.fields);
    if (details == "{}") return edited{before, std::move(after.merged)};
    if (c.fields.slug != before.fields.slug && category_store::slug_taken(on, c.fields.slug, c.id))
        return failure(errc::slug_taken);
    if (c.fields.parent_id != before.fields.parent_id) {
        if (levels_of(c.path) + category_store::levels_below(on, before) > kMaxCategoryLevels)
            return failure(errc::category_too_deep);
        if (category_store::holds_subcategories_of_others(on, before))
            return failure(errc::category_in_use);
    }
    c.version = before.version + 1;
    const auto moved =
        category_store::update(on, before, c, stored_category(before.fields), who.user_id);
    log_.audit(on, who, {"category.update", "category", c.id, details});
    std::vector<std::string> tags{"category:" + c.id, "list:categories", "list:products"};
    for (const auto& id : moved) tags.push_back("category:" + id);
    announce_category(on, c.id, c.version, std::move(tags));
    return after;
}

result<void> category_service::remove_in(store::tx& on, const identity::actor& who,
                                         const std::string& id,
                                         std::optional<std::int64_t> version) const
{
    category_store::lock_tree(on);
    const auto current = category_store::find(on, id);
    if (!current) return failure(errc::not_found);
    if (version && *version != current->version)
        return with_version(errc::version_conflict, current->version);
    if (category_store::in_use(on, id)) return failure(errc::category_in_use);
    category_store::remove(on, id);
    log_.audit(on, who,
               {"category.delete", "category", id,
                "{\"slug\":" + json_string(current->fields.slug) + "}"});
    announce_category(on, id, current->version + 1,
                      {"category:" + id, "list:categories", "list:products"});
    return {};
}

result<category> category_service::find_or_create(store::tx& on, const identity::actor& who,
                                                  const std::string& slug_or_names,
                                                  const category* above) const
{
    const std::vector<std::string> one{slug_or_names};
    if (const auto found = category_store::resolve(on, one).front()) return *found;
    category_store::lock_tree(on);
    std::optional<category> at;
    if (above) at = *above;
    for (std::size_t from = 0; from <= slug_or_names.size();) {
        const std::size_t to = std::min(slug_or_names.find('/', from), slug_or_names.size());
        const std::string name(trim(std::string_view(slug_or_names).substr(from, to - from)));
        from = to + 1;
        if (const verdict wrong = check_text(name, kCategoryNameRule))
            return invalid("", wrong->code, wrong->allowed);
        auto next = category_store::child_named(on, at ? at->id : "", name);
        if (!next) {
            category_change wanted;
            wanted.name = name;
            if (at) wanted.parent_id = at->id;
            // A name that is a slug stays one, so that the same file finds it again.
            if (!check_slug(name) && !category_store::slug_taken(on, name, "")) wanted.slug = name;
            normalise(on, wanted.name);
            auto made = create_in(on, who, wanted);
            if (!made) return made.error();
            next = *std::move(made);
        }
        at = std::move(next);
    }
    return *at;
}

task<result<store::written>> category_service::create(identity::actor who, store::write_key key,
                                                      category_change wanted)
{
    store::unit_of_work::business what = [this, who = std::move(who), wanted = std::move(wanted)](
                                             store::tx& on) -> result<store::answer> {
        auto named = wanted;
        normalise(on, named.name);
        const auto made = create_in(on, who, named);
        if (!made) return made.error();
        store::answer out{201, {}, {{"Location", "/categories/" + made->id}}};
        append_category(out.body, *made);
        return out;
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> category_service::edit(identity::actor who, store::write_key key,
                                                    std::string id, category_change wanted)
{
    store::unit_of_work::business what =
        [this, who = std::move(who), id = std::move(id),
         wanted = std::move(wanted)](store::tx& on) -> result<store::answer> {
        auto named = wanted;
        normalise(on, named.name);
        const auto done = edit_in(on, who, id, named);
        if (!done) return done.error();
        store::answer out{200, {}, {{"ETag", "\"" + std::to_string(done->now.version) + "\""}}};
        append_category(out.body, done->now, done->merged);
        return out;
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> category_service::remove(identity::actor who, store::write_key key,
                                                      std::string id,
                                                      std::optional<std::int64_t> version)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id),
                                          version](store::tx& on) -> result<store::answer> {
        const auto done = remove_in(on, who, id, version);
        if (!done) return done.error();
        return store::answer{204, {}, {}};
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

}  // namespace kieng::catalog
