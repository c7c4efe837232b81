#include "node/platform/store/tx.hpp"

namespace kieng::store {

tx::tx(pqxx::connection& on, pqxx::nontransaction& work,
       std::unordered_set<std::string_view>& prepared, std::int64_t incarnation)
    : on_(on),
      work_(work),
      prepared_(prepared),
      incarnation_(incarnation)
{}

void tx::prepare(const statement& what)
{
    last_ = what.name;
    if (prepared_.contains(what.name)) return;
    on_.prepare(what.name, what.sql);
    prepared_.insert(what.name);
}

bool tx::first_time(std::string_view what)
{
    return prepared_.insert(what).second;
}

std::int64_t snapshot_position(tx& on)
{
    return on.snapshot_position();
}

std::string array_literal(const std::vector<std::string>& items)
{
    std::string out = "{";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += '"';
        for (const char c : item) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + '}';
}

}  // namespace kieng::store
