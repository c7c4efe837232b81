#include "node/platform/store/test_shop.hpp"

#include "node/platform/store/tx.hpp"

namespace kieng::store::testing {
namespace {

// Locks the hooks of the things that have one, in order.
constexpr statement kHook{
    "test_hook", "SELECT name FROM hooks WHERE name = ANY ($1::text[]) ORDER BY name FOR UPDATE"};
constexpr statement kAdd{"test_add", "INSERT INTO things SELECT unnest($1::text[])"};
constexpr statement kBad{"test_bad", "INSERT INTO nowhere VALUES (1)"};

unit_done done_with(const thing& one)
{
    unit_done out;
    if (one.end == thing::fate::refused) {
        out.what = failure(errc::sku_taken);
        return out;
    }
    answer what;
    what.status = one.end == thing::fate::unwell ? 503 : 201;
    what.body = R"({"name":")" + one.name + R"("})";
    what.headers.emplace_back("ETag", "\"1\"");
    out.what = std::move(what);
    if (one.end == thing::fate::quietly) return out;
    out.events.push_back({"ThingAddedEvent",
                          "thing",
                          "",
                          1,
                          {"thing:" + one.name},
                          R"({"name":")" + one.name + R"("})"});
    out.events.push_back({"ThingListedEvent", "thing", "", 2, {}, {}});
    return out;
}

}  // namespace

std::vector<unit_done> add_things(tx& on, const std::vector<const thing*>& all)
{
    std::vector<std::string> names, added;
    std::vector<unit_done> out;
    for (const auto* one : all) names.push_back(one->name);
    on.exec(kHook, array_literal(names));
    for (const auto* one : all) {
        if (one->end == thing::fate::bad_sql) on.exec(kBad);
        if (one->end == thing::fate::bug) throw std::logic_error("a bug");
        if (one->end == thing::fate::added || one->end == thing::fate::quietly)
            added.push_back(one->name);
        out.push_back(done_with(*one));
    }
    if (!added.empty()) on.exec(kAdd, array_literal(added));
    return out;
}

write_key key_for(const std::string& key, const std::string& request)
{
    write_key out;
    out.principal = "somebody";
    if (!key.empty()) out.key = key;
    out.fingerprint = sha256("POST /things " + request);
    out.trace = "00-" + request;
    return out;
}

test_node::test_node(database_options how)
    : db(std::move(how)),
      work(db, [this](const position& what) {
          const std::lock_guard lock(mutex_);
          heard_.push_back(what.pos);
      })
{
    db.start();
}

void test_node::start_batch(std::vector<thing> things, std::vector<std::string> keys)
{
    std::vector<batch_unit> units;
    for (std::size_t i = 0; i < things.size(); ++i) {
        const auto& key = i < keys.size() ? keys[i] : things[i].name;
        units.push_back(
            {key_for(key, things[i].name), db.time().steady() + std::chrono::milliseconds(2900)});
    }
    {
        const std::lock_guard lock(mutex_);
        ends_.assign(things.size(), std::nullopt);
        count_ = 0;
    }
    auto shared = std::make_shared<const std::vector<thing>>(std::move(things));
    unit_of_work::batch_business what = [this, shared](tx& on, std::span<const std::size_t> which) {
        ++runs;
        std::vector<const thing*> some;
        for (const auto i : which) some.push_back(&shared->at(i));
        return add_things(on, some);
    };
    unit_of_work::batch_listener hear = [this](std::size_t i, unit_end end) {
        const std::lock_guard lock(mutex_);
        if (ends_.at(i)) throw std::logic_error("a unit was told twice");
        ends_[i] = std::move(end);
        ++count_;
        told_.notify_all();
    };
    report = io.wait(
        [&]() { return work.run_together(std::move(units), std::move(what), std::move(hear)); });
}

std::vector<std::optional<unit_end>> test_node::ends(std::size_t count)
{
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, std::chrono::seconds(10), [&] { return count_ >= count; });
    return ends_;
}

std::vector<unit_end> test_node::batch(std::vector<thing> things, std::vector<std::string> keys)
{
    const auto count = things.size();
    start_batch(std::move(things), std::move(keys));
    std::vector<unit_end> out;
    for (auto& one : ends(count)) out.push_back(one.value());
    return out;
}

result<written> test_node::alone(const thing& what)
{
    return io.wait([&]() {
        unit_of_work::business add = [what](tx& on) {
            auto done = add_things(on, {&what}).at(0);
            for (auto& event : done.events) on.announce(std::move(event));
            return std::move(done.what);
        };
        return work.run(key_for(what.name, what.name), std::move(add));
    });
}

std::vector<std::int64_t> test_node::heard()
{
    const std::lock_guard lock(mutex_);
    return heard_;
}

stranger::stranger(const database_options& how, const std::string& lock)
    : on_(open_connection(how, purpose::migrate))
{
    pqxx::nontransaction work(*on_);
    work.exec("BEGIN");
    work.exec(lock);
}

std::string things_database::faults() const
{
    return sql(R"sql(
        SELECT string_agg(fault, '; ') FROM (
            SELECT 'a thing twice: ' || name AS fault FROM things GROUP BY name HAVING count(*) > 1
            UNION ALL SELECT 'a thing without its key: ' || name FROM things
                       WHERE NOT EXISTS (SELECT FROM requests WHERE key = name AND status = 201 AND state = 'done')
            UNION ALL SELECT 'a key without its thing: ' || key FROM requests
                       WHERE status IS NOT NULL AND NOT EXISTS (SELECT FROM things WHERE name = key)
            UNION ALL SELECT 'the head is at ' || pos || ' after ' || n FROM cluster_head,
                             (SELECT count(DISTINCT pos) AS n, coalesce(max(pos), 0) AS last FROM outbox) o
                       WHERE pos <> n OR pos <> last
            UNION ALL SELECT 'a position that tells of another thing: ' || r.key FROM requests r JOIN outbox o USING (pos)
                       WHERE o.type = 'ThingAddedEvent' AND o.data->>'name' <> r.key
            UNION ALL SELECT 'a position without its request: ' || pos FROM outbox o
                       WHERE NOT EXISTS (SELECT FROM requests r WHERE r.pos = o.pos)) f)sql");
}

}  // namespace kieng::store::testing
