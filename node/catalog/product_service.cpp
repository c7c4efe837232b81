#include "node/catalog/product_service.hpp"

#include "node/catalog/product_json.hpp"
#include "node/catalog/upkeep_store.hpp"

#include <memory>
#include <utility>

namespace kieng::catalog {
namespace {

using store::seen;

// Nothing is there to page through: told from a product without history.
bool exists(store::tx& on, const std::string& id)
{
    const std::vector<std::string> one{id};
    return product_store::load(on, one).values.front().has_value();
}

product_store::kept_version present_version(const product& p)
{
    product_store::kept_version out{p.version, p.changed, p.updated_at, p.updated_by, {}};
    append_product(out.product, p);
    return out;
}

std::string etag_of(const product& p)
{
    return "\"" + std::to_string(p.version) + "\"";
}

}  // namespace

product_service::product_service(store::database& reads, store::unit_of_work& work,
                                 const product_editor& editor)
    : reads_(reads),
      work_(work),
      editor_(editor),
      by_id_(reads, product_store::load),
      pages_(reads, product_list_store::write_pages)
{}

task<result<product_service::maybe_product>> product_service::find(std::string id)
{
    co_return co_await by_id_.load(std::move(id));
}

task<result<seen<product_service::by_slug>>> product_service::find_by_slug(std::string slug)
{
    std::function<product_store::slug_target(store::tx&)> look =
        [slug = std::move(slug)](store::tx& on) { return product_store::find_slug(on, slug); };
    auto target = co_await reads_.query(std::move(look));
    if (!target) co_return target.error();
    seen<by_slug> out{{std::nullopt, target->present_slug}, target->pos};
    if (target->product_id.empty()) co_return out;
    auto found = co_await by_id_.load(target->product_id);
    if (!found) co_return found.error();
    // The position stays that of the first look: what changed between the two is then dropped, not kept.
    out.value.what = std::move(found->value);
    co_return out;
}

task<result<seen<product_service::by_code>>> product_service::find_by_code(std::string code)
{
    std::function<product_store::code_target(store::tx&)> look =
        [code = std::move(code)](store::tx& on) { return product_store::find_code(on, code); };
    auto target = co_await reads_.query(std::move(look));
    if (!target) co_return target.error();
    seen<by_code> out{{std::nullopt, target->variant_id, target->by_barcode}, target->pos};
    if (target->product_id.empty()) co_return out;
    auto found = co_await by_id_.load(target->product_id);
    if (!found) co_return found.error();
    out.value.what = std::move(found->value);
    co_return out;
}

task<result<seen<page<product_summary>>>> product_service::list(product_query query)
{
    std::function<seen<page<product_summary>>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) { return product_list_store::list(on, query); };
    co_return co_await reads_.query(std::move(look));
}

task<result<seen<product_list_store::written_page>>> product_service::written_list(
    product_query query)
{
    using product_list_store::written_page;
    if (!product_list_store::is_shareable(query)) {
        std::function<seen<written_page>(store::tx&)> look = [query =
                                                                  std::move(query)](store::tx& on) {
            return product_list_store::write_page(on, query);
        };
        co_return co_await reads_.query(std::move(look));
    }
    auto got = co_await pages_.load(std::move(query));
    if (!got) co_return got.error();
    co_return seen<written_page>{*std::move(got->value), got->pos};
}

task<result<seen<page<std::string>>>> product_service::labels(product_list_store::label_query query)
{
    std::function<seen<page<std::string>>(store::tx&)> look =
        [query = std::move(query)](store::tx& on) { return product_list_store::labels(on, query); };
    co_return co_await reads_.query(std::move(look));
}

task<result<seen<std::vector<product_store::price_change>>>> product_service::price_changes(
    std::string id, std::int64_t before_version, std::int64_t before_seq, int limit)
{
    using changes = std::optional<std::vector<product_store::price_change>>;
    std::function<changes(store::tx&)> look = [=](store::tx& on) -> changes {
        if (!exists(on, id)) return std::nullopt;
        return product_store::price_changes(on, id, before_version, before_seq, limit);
    };
    auto got = co_await reads_.read(std::move(look));
    if (!got) co_return got.error();
    if (!got->value) co_return failure(errc::not_found);
    co_return seen<std::vector<product_store::price_change>>{*std::move(got->value), got->pos};
}

task<result<seen<std::vector<product_store::kept_version>>>> product_service::versions(
    std::string id, std::int64_t before, int limit)
{
    using kept = std::optional<std::vector<product_store::kept_version>>;
    std::function<kept(store::tx&)> look = [=](store::tx& on) -> kept {
        const std::vector<std::string> one{id};
        const auto now = product_store::load(on, one).values.front();
        if (!now) return std::nullopt;
        std::vector<product_store::kept_version> out;
        if (now->version < before) out.push_back(present_version(*now));
        auto earlier =
            product_store::versions(on, id, before, limit - static_cast<int>(out.size()));
        out.insert(out.end(), std::make_move_iterator(earlier.begin()),
                   std::make_move_iterator(earlier.end()));
        return out;
    };
    auto got = co_await reads_.read(std::move(look));
    if (!got) co_return got.error();
    if (!got->value) co_return failure(errc::not_found);
    co_return seen<std::vector<product_store::kept_version>>{*std::move(got->value), got->pos};
}

task<result<store::written>> product_service::create(identity::actor who, store::write_key key,
                                                     product_change wanted)
{
    store::unit_of_work::business what = [this, who = std::move(who), wanted = std::move(wanted)](
                                             store::tx& on) -> result<store::answer> {
        auto made = editor_.create(on, who, wanted);
        if (!made) return made.error();
        store::answer out{201, {}, {{"Location", "/products/" + made->id}}};
        append_product(out.body, *made);
        return out;
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> product_service::edit(identity::actor who, store::write_key key,
                                                   std::string id, product_change wanted)
{
    store::unit_of_work::business what =
        [this, who = std::move(who), id = std::move(id),
         wanted = std::move(wanted)](store::tx& on) -> result<store::answer> {
        auto done = editor_.edit(on, who, id, wanted);
        if (!done) return done.error();
        store::answer out{200, {}, {{"ETag", etag_of(done->now)}}};
        append_product(out.body, done->now, done->merged);
        return out;
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<store::written>> product_service::remove(identity::actor who, store::write_key key,
                                                     std::string id,
                                                     std::optional<std::int64_t> version)
{
    store::unit_of_work::business what = [this, who = std::move(who), id = std::move(id),
                                          version](store::tx& on) -> result<store::answer> {
        const auto done = editor_.remove(on, who, id, version);
        if (!done) return done.error();
        return store::answer{204, {}, {}};
    };
    co_return co_await work_.run(std::move(key), std::move(what));
}

task<result<std::vector<field_fault>>> product_service::unknown_categories(product_change what)
{
    std::function<std::vector<field_fault>(store::tx&)> look = [what](store::tx& on) {
        std::vector<field_fault> out;
        const auto found = product_editor::choose(on, what);
        if (!found) out = found.error().fields;
        return out;
    };
    co_return co_await reads_.query(std::move(look));
}

task<result<int>> product_service::publish_due()
{
    std::function<bool(store::tx&)> look = [](store::tx& on) { return anything_to_publish(on); };
    const auto due = co_await reads_.query(std::move(look));
    if (!due) co_return due.error();
    if (!*due) co_return 0;
    auto count = std::make_shared<int>(0);
    store::unit_of_work::business business = [count](store::tx& on) -> result<store::answer> {
        *count = static_cast<int>(catalog::publish_due(on, kPublishBatch));
        return store::answer{204, {}, {}};
    };
    store::write_key nobody;
    const auto done = co_await work_.run(std::move(nobody), std::move(business));
    if (!done) co_return done.error();
    co_return *count;
}

}  // namespace kieng::catalog
