#include "node/platform/store/outbox_reader.hpp"

#include "node/platform/store/tx.hpp"

namespace kieng::store {
namespace {

constexpr statement kRead{"feed_read", R"sql(
    SELECT h.incarnation, h.pos AS head, o.pos, o.type, o.entity, o.entity_id, o.version, o.tags, o.data
      FROM cluster_head h
      LEFT JOIN outbox o ON o.pos > $1 AND o.pos <= $2 AND o.pos <= h.pos
     ORDER BY o.pos, o.seq)sql"};

std::vector<std::string> texts(const pqxx::field& of)
{
    std::vector<std::string> out;
    auto parser = of.as_array();
    for (auto next = parser.get_next(); next.first != pqxx::array_parser::done;
         next = parser.get_next()) {
        if (next.first == pqxx::array_parser::string_value) out.push_back(std::move(next.second));
    }
    return out;
}

}  // namespace

outbox_reading read_outbox(tx& on, std::int64_t after)
{
    outbox_reading out;
    for (const auto& row : on.exec(kRead, after, after + kOutboxWindow)) {
        out.incarnation = row[0].as<std::int64_t>();
        out.head = row[1].as<std::int64_t>();
        if (row[2].is_null()) continue;
        const auto pos = row[2].as<std::int64_t>();
        if (out.positions.empty() || out.positions.back().pos != pos)
            out.positions.push_back({pos, {}, out.incarnation});
        event one;
        one.type = row[3].as<std::string>();
        one.entity = row[4].as<std::string>();
        if (!row[5].is_null()) one.entity_id = row[5].as<std::string>();
        one.version = row[6].as<std::int64_t>();
        one.tags = texts(row[7]);
        one.data = row[8].as<std::string>();
        out.positions.back().events.push_back(std::move(one));
    }
    return out;
}

}  // namespace kieng::store
