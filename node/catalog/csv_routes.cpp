#include "node/catalog/csv_routes.hpp"

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "node/catalog/product_reads.hpp"
#include "node/identity/actor.hpp"
#include "node/identity/permissions.hpp"
#include "node/identity/route_tools.hpp"
#include "node/platform/http/fault_text.hpp"
#include "node/platform/http/negotiate.hpp"

#include <stdexcept>

namespace kieng::catalog {
namespace {

using http::request;
using http::response;

task<response> import_products(import_service& imports, request& from)
{
    import_options how;
    const auto read = identity::read_query(from, [&](http::query_reader& in) {
        how.dry_run = in.boolean("dryRun").value_or(false);
        how.stop_on_error = in.choice("onError", {"skip", "stop"}).value_or("skip") == "stop";
        how.create_categories = in.boolean("createCategories").value_or(false);
    });
    if (!read) co_return http::problem(read.error(), from);
    auto who = identity::actor_of(from);
    import_service::source body = [&from]() { return from.stream->read(); };
    const auto report = co_await imports.import_csv(std::move(who), std::move(body), how);
    if (!report) co_return http::problem(report.error(), from);
    if (report->broken) {
        failure why = *report->broken;
        why.members = "\"report\":" + import_report_json(*report, from.lang);
        co_return http::problem(why, from);
    }
    co_return http::json_response(200, import_report_json(*report, from.lang));
}

// Writes page after page. A failure on the way cuts the connection, so that nobody takes a part for the whole.
task<> write_export(import_service& imports, product_filter filter, http::body_sink& to)
{
    std::string lines;
    append_csv_header(lines);
    std::string after;
    while (true) {
        const bool there = co_await to.write(std::move(lines));
        if (!there) co_return;
        auto part = co_await imports.export_csv(filter, after);
        if (!part)
            throw std::runtime_error("an export broke off: " +
                                     std::string(name_of(part.error().code)));
        if (part->last_id.empty()) co_return;
        lines = std::move(part->lines);
        after = std::move(part->last_id);
    }
}

task<response> export_products(import_service& imports, request& from)
{
    if (!http::accepts_type(from.header("accept").value_or(""), "text/csv")) {
        const failure other(errc::not_acceptable);
        co_return http::problem(other, from);
    }
    product_filter filter;
    result<void> allowed;
    const auto read = identity::read_query(
        from, [&](http::query_reader& in) { allowed = read_filter(in, from.who, filter); });
    if (!read) co_return http::problem(read.error(), from);
    if (!allowed) co_return http::problem(allowed.error(), from);
    response out;
    out.content_type = "text/csv; charset=utf-8";
    out.headers.emplace_back("Content-Disposition", "attachment; filename=\"products.csv\"");
    out.stream = [&imports, filter](http::body_sink& to) {
        return write_export(imports, filter, to);
    };
    co_return out;
}

}  // namespace

std::string import_report_json(const import_report& report, http::language in)
{
    std::string out = R"({"dryRun":)";
    const auto flag = [&](bool yes) { out += yes ? "true" : "false"; };
    const auto number = [&](const char* name, std::int64_t value) {
        out += name;
        append_number(out, value);
    };
    flag(report.dry_run);
    out += R"(,"stopped":)";
    flag(report.stopped);
    number(R"(,"rows":)", report.rows);
    number(R"(,"created":)", report.created);
    number(R"(,"updated":)", report.updated);
    number(R"(,"unchanged":)", report.unchanged);
    number(R"(,"failed":)", report.failed);
    out += R"(,"errors":[)";
    bool first = true;
    for (const auto& error : report.errors) {
        number(first ? R"({"row":)" : R"(,{"row":)", error.row);
        first = false;
        out += R"(,"field":)";
        append_text_or_null(out, error.what.pointer);
        out += R"(,"code":)";
        append_json_string(out, name_of(error.what.code));
        out += R"(,"detail":)";
        append_json_string(out, http::fault_text(error.what, in));
        out += '}';
    }
    out += R"(],"truncated":)";
    flag(report.truncated);
    return out + "}";
}

std::vector<http::route> csv_routes(import_service& imports)
{
    const auto plain = [&imports](task<response> (*handle)(import_service&, request&)) {
        return http::handler([&imports, handle](request& from) { return handle(imports, from); });
    };
    return {
        // verb            path                who may                     repeats             body                     what
        {http::verb::get, "/products/export", identity::catalog_export, http::keyed::never,
         http::body_kind::none, plain(export_products)},
        {http::verb::post, "/products/import", identity::catalog_import, http::keyed::never,
         http::body_kind::stream, plain(import_products)},
    };
}

}  // namespace kieng::catalog
