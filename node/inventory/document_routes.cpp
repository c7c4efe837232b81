#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/inventory/document_json.hpp"
#include "node/inventory/inventory_routes.hpp"
#include "node/inventory/list_query.hpp"

namespace kieng::inventory {
namespace {

using http::body_kind;
using http::keyed;
using http::request;
using http::response;
using http::verb;

response written_response(result<store::written> done, const request& from)
{
    if (!done) return http::problem(done.error(), from);
    return identity::to_response(*std::move(done));
}

task<response> show_list(document_service& documents, const request& from)
{
    const auto query = read_document_query(from);
    if (!query) co_return http::problem(query.error(), from);
    auto got = co_await documents.list(*query);
    if (!got) co_return http::problem(got.error(), from);
    auto& page = got->value;
    if (page.next) page.next = cursor_behind(page.items.back(), *query);
    std::string body;
    append_documents(body, page, from.who.may(identity::stock_write));
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

task<response> show_one(document_service& documents, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    const auto got = co_await documents.find(*id);
    if (!got) co_return http::problem(got.error(), from);
    if (!got->value) {
        const failure nothing(errc::not_found);
        co_return http::problem(nothing, from);
    }
    std::string body;
    append_document(body, *got->value, from.who.may(identity::stock_write));
    response out = http::json_response(200, std::move(body));
    out.pos = got->pos;
    co_return out;
}

task<response> post(document_service& documents, const clock& now, const request& from,
                    document_kind kind)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    auto wanted = read_document(from.body, kind, now.wall());
    if (!wanted) co_return http::problem(wanted.error(), from);
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await documents.post(std::move(who), std::move(key), *std::move(wanted));
    co_return written_response(std::move(done), from);
}

task<response> count(document_service& documents, const clock& now, const request& from)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto lines = read_count_lines(from.body, now.wall());
    if (!lines) co_return http::problem(lines.error(), from);
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    auto done = co_await documents.count(std::move(who), std::move(key), *id, *std::move(lines));
    co_return written_response(std::move(done), from);
}

task<response> close(document_service& documents, const request& from, bool moves)
{
    const auto plain = identity::no_query(from);
    if (!plain) co_return http::problem(plain.error(), from);
    const auto id = identity::id_of(from);
    if (!id) co_return http::problem(id.error(), from);
    auto who = identity::actor_of(from);
    auto key = identity::write_key_of(from);
    if (moves) {
        auto done = co_await documents.finish(std::move(who), std::move(key), *id);
        co_return written_response(std::move(done), from);
    }
    auto done = co_await documents.cancel(std::move(who), std::move(key), *id);
    co_return written_response(std::move(done), from);
}

}  // namespace

std::vector<http::route> document_routes(document_service& documents, const clock& now)
{
    using identity::stock_adjust;
    using identity::stock_read;
    using identity::stock_write;
    const auto reading = [&](task<response> (*handle)(document_service&, const request&)) {
        return http::handler(
            [&documents, handle](request& from) { return handle(documents, from); });
    };
    const auto posting = [&](document_kind kind) {
        return http::handler(
            [&documents, &now, kind](request& from) { return post(documents, now, from, kind); });
    };
    const auto counting =
        http::handler([&documents, &now](request& from) { return count(documents, now, from); });
    const auto closing = [&](bool moves) {
        return http::handler(
            [&documents, moves](request& from) { return close(documents, from, moves); });
    };
    const auto write = [](const char* path, http::permission who, http::handler what) {
        return http::route{verb::post, path, who, keyed::must, body_kind::json, std::move(what)};
    };
    return {
        {verb::get, "/inventory/documents", stock_read, keyed::never, body_kind::none,
         reading(show_list)},
        {verb::get, "/inventory/documents/{id}", stock_read, keyed::never, body_kind::none,
         reading(show_one)},
        write("/inventory/receipts", stock_write, posting(document_kind::receipt)),
        write("/inventory/supplier-returns", stock_write, posting(document_kind::supplier_return)),
        write("/inventory/transfers", stock_write, posting(document_kind::transfer)),
        write("/inventory/opening-stock", stock_adjust, posting(document_kind::opening)),
        write("/inventory/destructions", stock_adjust, posting(document_kind::destruction)),
        write("/inventory/adjustments", stock_adjust, posting(document_kind::adjustment)),
        write("/inventory/counts", stock_write, posting(document_kind::count)),
        write("/inventory/counts/{id}/lines", stock_write, counting),
        {verb::post, "/inventory/counts/{id}/finish", stock_write, keyed::must, body_kind::none,
         closing(true)},
        {verb::post, "/inventory/counts/{id}/cancel", stock_write, keyed::must, body_kind::none,
         closing(false)},
    };
}

}  // namespace kieng::inventory
