// A shop on a database of its own, for the tests of this folder: goods with stock, and nodes that take orders. Goods are put there by SQL:
// how the catalogue makes them is tested elsewhere.
#pragma once

#include "base/ids.hpp"
#include "base/random.hpp"
#include "node/orders/order_changes.hpp"
#include "node/orders/orders.hpp"
#include "node/platform/store/testing.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace kieng::orders::testing {

using nlohmann::json;

inline constexpr std::int64_t kPlenty = 1'000'000;

// Goods as a buyer sees them.
struct goods {
    std::string product_id, variant_id;
    std::int64_t price = 0, price_version = 1;
};

class shop {
public:
    explicit shop(std::size_t connections = 8) : how_(database_.options())
    {
        how_.connections = connections;
        db = std::make_unique<store::database>(how_);
        work = std::make_unique<store::unit_of_work>(
            *db, [this](const store::position& what) { hear(what); });
        parts = std::make_unique<orders>(
            "a secret of at least 32 bytes, shared by all",
            order_service::surroundings{*db, *work, system_clock(), system_random(), "test"});
        steps = std::make_unique<order_steps>(
            order_service::surroundings{*db, *work, system_clock(), system_random(), "test"});
        db->start();
    }
    ~shop()
    {
        parts->stop();
        db->stop();
    }
    shop(const shop&) = delete;
    shop& operator=(const shop&) = delete;

    std::string sql(const std::string& text) const { return database_.sql(text); }
    [[nodiscard]] std::int64_t number(const std::string& text) const
    {
        const auto got = sql(text);
        return got.empty() ? 0 : std::stoll(got);
    }

    goods sells(std::int64_t price, std::int64_t quantity = kPlenty,
                const std::string& currency = "VND")
    {
        const int n = ++made_;
        goods out{make_uuid(system_clock(), system_random()),
                  make_uuid(system_clock(), system_random()), price, 1};
        const std::string sku = "SKU-" + std::to_string(n);
        sql("INSERT INTO products (id, status, price, variant_count, currency, sku, slug, name) VALUES ('" +
            out.product_id + "', 2, " + std::to_string(price) + ", 1, '" + currency + "', '" + sku +
            "', 'p-" + std::to_string(n) + "', 'Hàng " + std::to_string(n) + "')");
        sql("INSERT INTO variants (id, product_id, position, sku) VALUES ('" + out.variant_id +
            "', '" + out.product_id + "', 0, '" + sku + "')");
        if (quantity > 0) {
            sql("INSERT INTO stock (variant_id, location_id, quantity) VALUES ('" + out.variant_id +
                "', '01900000-0000-7000-8000-000000000001', " + std::to_string(quantity) + ")");
            sql("INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, node) "
                "VALUES ('" +
                out.variant_id +
                "', '01900000-0000-7000-8000-000000000001', 3, 2, gen_random_uuid(), " +
                std::to_string(quantity) + ", 0, 'test')");
        }
        return out;
    }

    [[nodiscard]] static wanted_line line(const goods& of, std::int64_t quantity)
    {
        return {of.product_id, "", quantity, of.price, of.price_version};
    }
    [[nodiscard]] order_draft draft(std::vector<wanted_line> lines,
                                    payment_method method = payment_method::bank_transfer)
    {
        order_draft out;
        out.id = make_uuid(system_clock(), system_random());
        out.what.lines = std::move(lines);
        out.what.method = method;
        out.customer_id = customer;
        out.actor = customer;
        out.principal = customer;
        out.key = "key-" + make_uuid(system_clock(), system_random());
        out.request_hash = 7;
        return out;
    }
    [[nodiscard]] static store::write_key key_of(const order_draft& of)
    {
        store::write_key out;
        out.principal = of.principal;
        out.key = of.key;
        out.fingerprint = sha256(of.key);
        return out;
    }
    result<store::written> place(order_draft what)
    {
        return io.wait([&]() -> task<result<store::written>> {
            auto key = key_of(what);
            co_return co_await parts->service().place(std::move(key), what);
        });
    }
    result<store::written> sell(order_draft what)
    {
        what.through = channel::pos;
        what.finished = true;
        return io.wait([&]() -> task<result<store::written>> {
            auto key = key_of(what);
            co_return co_await parts->service().sell(std::move(key), what);
        });
    }
    // An order that must be taken.
    json placed(order_draft what)
    {
        auto done = place(std::move(what));
        REQUIRE(done.has_value());
        return json::parse(done->what.body);
    }
    std::string placed_id(const goods& of, std::int64_t quantity,
                          payment_method method = payment_method::bank_transfer)
    {
        return placed(draft({line(of, quantity)}, method)).at("orderId").get<std::string>();
    }
    // Something inside a unit of work.
    template <class F>
    auto inside(F what) -> std::invoke_result_t<F, store::tx&>
    {
        auto out = std::make_shared<std::optional<std::invoke_result_t<F, store::tx&>>>();
        auto done = io.wait([&]() -> task<result<store::written>> {
            store::unit_of_work::business in = [out, what](store::tx& on) -> result<store::answer> {
                auto got = what(on);
                if (got.has_error()) {
                    auto why = got.error();
                    out->emplace(std::move(got));
                    return why;
                }
                out->emplace(std::move(got));
                return store::answer{204, "", {}};
            };
            store::write_key nobody;
            nobody.principal = "test";
            co_return co_await work->run(std::move(nobody), std::move(in));
        });
        REQUIRE((done.has_value() || out->has_value()));
        return **out;
    }
    result<store::written> take(step what, const std::string& id, step_input with = {},
                                bool staff = true)
    {
        return io.wait([&]() -> task<result<store::written>> {
            store::write_key key;
            key.principal = "staff";
            viewer who{staff, customer, ""};
            std::string user = customer;
            co_return co_await steps->take(std::move(key), what, id, with, std::move(who),
                                           std::move(user));
        });
    }
    // What payments tell orders.
    result<payment_effect> pay(const std::string& id, std::int64_t amount)
    {
        return inside([this, id, amount](store::tx& on) -> result<payment_effect> {
            return parts->service().paid(on, id, amount, "");
        });
    }
    result<void> pay_back(const std::string& id, std::int64_t amount)
    {
        return inside([this, id, amount](store::tx& on) -> result<void> {
            return parts->service().refunded(on, id, amount, "");
        });
    }
    json show(const std::string& id)
    {
        auto got = io.wait([&]() -> task<result<store::seen<shown_order>>> {
            viewer who{true, "", ""};
            order_expansion with{true, false, true};
            co_return co_await parts->service().find(id, std::move(who), with);
        });
        REQUIRE(got.has_value());
        std::string out;
        append_order(out, got->value);
        return json::parse(out);
    }
    std::string status_of(const std::string& id) const
    {
        const auto n =
            static_cast<std::size_t>(number("SELECT status FROM orders WHERE id = '" + id + "'"));
        return std::string(name_of(kStatuses.at(n - 1)));
    }
    // "quantity/reserved"
    std::string stock_of(const goods& what) const
    {
        return sql("SELECT quantity || '/' || reserved FROM stock WHERE variant_id = '" +
                   what.variant_id + "'");
    }
    // What must hold whatever happened: the ledger's sums are the counters, and what is held is what reservations say.
    void check_books() const
    {
        CHECK(
            number(
                "SELECT count(*) FROM (SELECT variant_id, sum(qty_delta) AS q, sum(reserved_delta) AS r FROM stock_movements GROUP BY 1) m "
                "JOIN stock s USING (variant_id) WHERE (s.quantity, s.reserved) <> (m.q, m.r)") ==
            0);
        CHECK(
            number(
                "SELECT count(*) FROM stock s WHERE s.reserved <> (SELECT coalesce(sum(qty), 0) FROM reservations r "
                "WHERE r.variant_id = s.variant_id AND r.state = 1)") == 0);
        CHECK(number("SELECT count(*) FROM stock WHERE reserved > quantity OR reserved < 0") == 0);
    }
    std::vector<store::event> events()
    {
        const std::lock_guard lock(mutex_);
        std::vector<store::event> out;
        for (const auto& position : heard_)
            out.insert(out.end(), position.events.begin(), position.events.end());
        return out;
    }
    std::vector<std::string> event_types()
    {
        std::vector<std::string> out;
        for (const auto& one : events()) out.push_back(one.type);
        return out;
    }
    void forget_events()
    {
        const std::lock_guard lock(mutex_);
        heard_.clear();
    }

    std::string customer = make_uuid(system_clock(), system_random());

private:
    void hear(const store::position& what)
    {
        const std::lock_guard lock(mutex_);
        heard_.push_back(what);
    }

    store::testing::test_database database_;
    store::database_options how_;
    int made_ = 0;
    std::mutex mutex_;
    std::vector<store::position> heard_;  // guarded by mutex_

public:
    store::testing::io_runner io;
    std::unique_ptr<store::database> db;
    std::unique_ptr<store::unit_of_work> work;
    std::unique_ptr<orders> parts;
    std::unique_ptr<order_steps> steps;
};

// The members of a refusal.
[[nodiscard]] inline json members_of(const failure& why)
{
    return json::parse("{" + why.members + "}");
}

}  // namespace kieng::orders::testing
