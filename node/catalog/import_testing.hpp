// A catalogue that reads and writes CSV, for the tests of imports.
#pragma once

#include "node/catalog/import_service.hpp"
#include "node/catalog/testing.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kieng::catalog::testing {

struct shop_with_imports : catalogue {
    import_service imports{db, work, editor, categories};

    result<import_report> read(std::string text, import_options how = {}, std::size_t piece = 1'000)
    {
        auto at = std::make_shared<std::size_t>(0);
        auto body = std::make_shared<std::string>(std::move(text));
        import_service::source from = [=]() -> task<result<std::string>> {
            std::string out = *at < body->size() ? body->substr(*at, piece) : std::string();
            *at += out.size();
            co_return out;
        };
        return io.wait(
            [&]() -> task<result<import_report>> { return imports.import_csv({}, from, how); });
    }
    import_report done(std::string text, import_options how = {}, std::size_t piece = 1'000)
    {
        auto got = read(std::move(text), how, piece);
        REQUIRE(got.has_value());
        return *std::move(got);
    }
    std::string exported(product_filter filter = {})
    {
        if (filter.statuses.empty())
            filter.statuses = {status::draft, status::active, status::archived};
        std::string out, after;
        append_csv_header(out);
        while (true) {
            auto part = io.wait([&]() -> task<result<import_service::export_part>> {
                return imports.export_csv(filter, after);
            });
            REQUIRE(part.has_value());
            if (part->last_id.empty()) return out;
            out += part->lines;
            after = part->last_id;
        }
    }
};

// rows, created, updated, unchanged, failed
inline std::vector<std::string> counts(const import_report& r)
{
    return {std::to_string(r.rows), std::to_string(r.created), std::to_string(r.updated),
            std::to_string(r.unchanged), std::to_string(r.failed)};
}

// "3 slug_taken", row by row.
inline std::vector<std::string> errors(const import_report& r)
{
    std::vector<std::string> out;
    for (const auto& e : r.errors)
        out.push_back(std::to_string(e.row) + " " + std::string(name_of(e.what.code)));
    return out;
}

}  // namespace kieng::catalog::testing
