#include "node/identity/permissions.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace kieng::identity {
namespace {

constexpr std::array kAll{
    system_read,    session_open,    session_close,    account_self,        users_manage,
    audit_read,     catalog_read,    catalog_read_all, catalog_write,       catalog_import,
    catalog_export, events_read,     requests_resolve, cluster_operate,     cluster_peer,
    stock_read,     stock_write,     stock_adjust,     orders_own,          orders_read_all,
    orders_manage,  orders_refund,   pos_sell,         pos_sell_over_stock, cash_session,
    cash_approve,   payments_notify, payments_manage,  dead_letters_manage};

std::vector<std::string> contract()
{
    std::ifstream file(KIENG_SOURCE_DIR "/docs/openapi.yaml");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

// The lines "  name: value" under a top-level key of the contract.
std::map<std::string, std::string> block(const std::string& key)
{
    std::map<std::string, std::string> out;
    bool inside = false;
    for (const auto& line : contract()) {
        if (line == key + ":") {
            inside = true;
        } else if (inside && !line.starts_with("  ")) {
            break;
        } else if (inside) {
            const auto colon = line.find(": ");
            REQUIRE(colon != std::string::npos);
            out[line.substr(2, colon - 2)] = line.substr(colon + 2);
        }
    }
    return out;
}

std::set<std::string> listed(const std::string& value)
{
    std::set<std::string> out;
    std::istringstream names(value.substr(1, value.size() - 2));
    for (std::string name; std::getline(names, name, ',');)
        out.insert(name.substr(name.find_first_not_of(' ')));
    return out;
}

TEST_CASE("the table of rights is the one the contract shows")
{
    const auto roles = block("x-roles");
    CHECK(roles.size() == kRoles.size());
    for (const auto& [role, value] : roles) {
        CAPTURE(role);
        const auto granted = permissions_of(role);
        REQUIRE(granted.has_value());
        const auto names = listed(value);
        CHECK(granted->count() == names.size());
        for (const auto& p : kAll) {
            CAPTURE(std::string(p.name));
            CHECK(granted->test(p.bit) == names.contains(std::string(p.name)));
        }
    }
}

TEST_CASE("the contract explains every permission and no other")
{
    const auto named = block("x-permissions");
    CHECK(named.size() == kAll.size());
    for (const auto& p : kAll) CHECK(named.contains(std::string(p.name)));
}

TEST_CASE("permissions have places of their own")
{
    http::permission_set places;
    for (const auto& p : kAll) places.set(p.bit);
    CHECK(places.count() == kAll.size());
}

TEST_CASE("a role that does not exist may nothing")
{
    for (const auto* role : {"", "Owner", "admin", "owner ", "root"})
        CHECK(!permissions_of(role).has_value());
}

}  // namespace
}  // namespace kieng::identity
