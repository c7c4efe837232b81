// A shop with goods and stock on a database of its own, for the tests of this folder.
#pragma once

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "node/inventory/document_json.hpp"
#include "node/inventory/document_service.hpp"
#include "node/inventory/inventory_service.hpp"
#include "node/inventory/location_json.hpp"
#include "node/inventory/location_service.hpp"
#include "node/inventory/stock_json.hpp"
#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace kieng::inventory::testing {

using nlohmann::json;

struct shop {
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
    inventory_service stock{db, work, log};
    location_service locations{db, work, log, system_clock(), system_random()};
    document_service documents{db, work,
                               document_tools{log, system_clock(), system_random(), "VND"}};

    shop() { db.start(); }
    ~shop() { db.stop(); }

    // A product with one variant; the variant's id.
    std::string goods(const std::string& name)
    {
        const auto product = make_uuid(system_clock(), system_random());
        auto variant = make_uuid(system_clock(), system_random());
        database.sql(
            "INSERT INTO products (id, status, price, variant_count, currency, sku, slug, name) VALUES ('" +
            product + "', 2, 1000, 1, 'VND', '" + name + "', '" + name + "', '" + name +
            "'); INSERT INTO variants (id, product_id, position, sku) VALUES ('" + variant +
            "', '" + product + "', 0, '" + name + "')");
        return variant;
    }
    std::string product_of(const std::string& variant)
    {
        return database.sql("SELECT product_id FROM variants WHERE id = '" + variant + "'");
    }

    result<store::written> post(document_kind kind, const std::string& body,
                                store::write_key as = key())
    {
        auto wanted = read_document(body, kind, system_clock().wall());
        if (!wanted) return wanted.error();
        return io.wait(
            [&]() -> task<result<store::written>> { return documents.post({}, as, *wanted); });
    }
    // One that must succeed.
    json posted(document_kind kind, const std::string& body)
    {
        auto done = post(kind, body);
        REQUIRE(done.has_value());
        return json::parse(done->what.body);
    }
    json received(const std::string& variant, int quantity)
    {
        return posted(document_kind::receipt, line(variant, quantity));
    }
    static std::string line(const std::string& variant, int quantity, const std::string& more = "")
    {
        return R"({"lines":[{"variantId":")" + variant + R"(","quantity":)" +
               std::to_string(quantity) + more + "}]}";
    }
    result<store::written> rules(const std::string& variant, const std::string& body)
    {
        auto wanted = read_rules(body);
        if (!wanted) return wanted.error();
        return io.wait([&]() -> task<result<store::written>> {
            return stock.set_rules({}, key(), variant, *wanted);
        });
    }
    stock_card card(const std::string& variant)
    {
        auto got = io.wait([&]() -> task<result<store::seen<std::optional<stock_card>>>> {
            return stock.card(variant);
        });
        REQUIRE(got.has_value());
        REQUIRE(got->value.has_value());
        return *got->value;
    }
    // Quantity, reserved and available at the default location.
    std::string counters(const std::string& variant)
    {
        return database.sql(
            "SELECT quantity || ' ' || reserved || ' ' || (quantity - reserved - expired) FROM stock s JOIN locations l "
            "ON l.id = s.location_id AND l.is_default WHERE variant_id = '" +
            variant + "'");
    }
    // Holds goods for an order until `until` (SQL); what it is short of as text, empty when it has them.
    std::string hold(const std::string& order, const std::string& variant, int quantity,
                     const std::string& until = "now() + interval '1 hour'")
    {
        return database.sql(
            "SELECT string_agg(wanted || ' of ' || available, ',') FROM stock_hold(ARRAY[1], ARRAY['" +
            order + "'::uuid], ARRAY['" + variant + "'::uuid], ARRAY[" + std::to_string(quantity) +
            "::bigint], (SELECT id FROM locations WHERE is_default), ARRAY[" + until +
            "]::timestamptz[], ARRAY[NULL::uuid], 'test') WHERE ord > 0");
    }
    static std::string id() { return make_uuid(system_clock(), system_random()); }
    std::vector<store::event> events(const std::string& type)
    {
        const std::lock_guard lock(mutex);
        std::vector<store::event> out;
        for (const auto& position : heard) {
            for (const auto& event : position.events) {
                if (event.type == type) out.push_back(event);
            }
        }
        return out;
    }

    static store::write_key key()
    {
        store::write_key out;
        out.principal = "tester";
        return out;
    }
};

}  // namespace kieng::inventory::testing
