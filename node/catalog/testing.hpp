// A catalogue on a database of its own, for the tests of this folder.
#pragma once

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "node/catalog/category_service.hpp"
#include "node/catalog/product_json.hpp"
#include "node/catalog/product_service.hpp"
#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace kieng::catalog::testing {

using nlohmann::json;

struct catalogue {
    store::testing::test_database database;
    store::testing::io_runner io;
    store::database db{database.options()};
    std::mutex mutex;
    std::vector<store::position> heard;  // guarded by mutex
    store::unit_of_work work{db, [this](const store::position& what) {
                                 const std::lock_guard lock(mutex);
                                 heard.push_back(what);
                             }};
    identity::audit_service log{db, system_clock(), system_random()};
    product_editor editor{log, system_clock(), system_random(), "VND"};
    product_service products{db, work, editor};
    category_service categories{db, work, log, system_clock(), system_random()};

    catalogue() { db.start(); }
    ~catalogue() { db.stop(); }

    static product_change change(const std::string& body, form as)
    {
        auto read = read_product(body, as);
        REQUIRE(read.has_value());
        return *std::move(read);
    }
    result<store::written> create(const std::string& body)
    {
        return io.wait([&]() -> task<result<store::written>> {
            return products.create({}, key(), change(body, form::create));
        });
    }
    result<store::written> patch(const std::string& id, const std::string& body)
    {
        return io.wait([&]() -> task<result<store::written>> {
            return products.edit({}, key(), id, change(body, form::patch));
        });
    }
    result<store::written> replace(const std::string& id, const std::string& body)
    {
        return io.wait([&]() -> task<result<store::written>> {
            return products.edit({}, key(), id, change(body, form::replace));
        });
    }
    result<store::written> remove(const std::string& id, std::optional<std::int64_t> version = {})
    {
        return io.wait([&]() -> task<result<store::written>> {
            return products.remove({}, key(), id, version);
        });
    }
    // A product that must come into being.
    json made(const std::string& body)
    {
        auto done = create(body);
        REQUIRE(done.has_value());
        return json::parse(done->what.body);
    }
    std::optional<product> find(const std::string& id)
    {
        auto got = io.wait(
            [&]() -> task<result<product_service::maybe_product>> { return products.find(id); });
        REQUIRE(got.has_value());
        return got->value;
    }
    page<product_summary> list(product_query query)
    {
        if (query.filter.statuses.empty()) query.filter.statuses = {status::active};
        auto got = io.wait([&]() -> task<result<store::seen<page<product_summary>>>> {
            return products.list(query);
        });
        REQUIRE(got.has_value());
        return std::move(got->value);
    }
    std::vector<std::string> names(product_query query)
    {
        std::vector<std::string> out;
        for (const auto& item : list(std::move(query)).items) out.push_back(item.name);
        return out;
    }
    std::vector<std::string> search(const std::string& q)
    {
        product_query query;
        query.filter.q = q;
        query.sort = product_sort::relevance;
        return names(std::move(query));
    }
    json category(const std::string& name, const std::string& parent = "",
                  const std::string& slug = "")
    {
        category_change wanted;
        wanted.name = name;
        if (!parent.empty()) wanted.parent_id = parent;
        if (!slug.empty()) wanted.slug = slug;
        auto done = io.wait(
            [&]() -> task<result<store::written>> { return categories.create({}, key(), wanted); });
        REQUIRE(done.has_value());
        return json::parse(done->what.body);
    }
    std::vector<std::string> last_tags()
    {
        const std::lock_guard lock(mutex);
        return heard.back().events.back().tags;
    }

    static store::write_key key()
    {
        store::write_key out;
        out.principal = "tester";
        return out;
    }
};

}  // namespace kieng::catalog::testing
