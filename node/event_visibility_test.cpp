#include "node/event_visibility.hpp"

#include "node/identity/permissions.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace kieng;
using namespace kieng::node;

namespace {

http::caller caller_of(std::string_view role, std::string user = {})
{
    http::caller out;
    out.role = role;
    out.user_id = std::move(user);
    out.permissions = *identity::permissions_of(role);
    return out;
}

store::event event_of(std::string type, std::string entity, std::string id = {},
                      std::vector<std::string> tags = {})
{
    return {std::move(type), std::move(entity), std::move(id), 1, std::move(tags), "{}"};
}

sight seen(const store::event& what, const http::caller& by)
{
    return sight_of(audience_of(what), by);
}

// Every event that the server's sources name: "..Event", and those that are called otherwise.
std::set<std::string> announced()
{
    std::set<std::string> out;
    const std::regex name("\"([A-Z][A-Za-z]*Event|LowStock|ShipmentUpdated)\"");
    for (const auto* folder : {"/node", "/cluster"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(
                 std::string(KIENG_SOURCE_DIR) + folder)) {
            const auto file = entry.path().filename().string();
            if (!file.ends_with(".cpp") || file.ends_with("_test.cpp") || file.starts_with("test"))
                continue;
            std::ifstream in(entry.path());
            const std::string text(std::istreambuf_iterator<char>(in), {});
            for (std::sregex_iterator i(text.begin(), text.end(), name), end; i != end; ++i)
                out.insert((*i)[1]);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("every event that the code announces is in the table, and no other")
{
    std::set<std::string> listed;
    for (const auto& row : visibility_table()) {
        CHECK(row.who != circle::nobody);
        CHECK(listed.emplace(row.type).second);
    }
    CHECK(listed == announced());
}

TEST_CASE("an event that is not listed is seen by nobody")
{
    const auto unknown = event_of("SecretEvent", "secret");
    CHECK(seen(unknown, caller_of("anonymous")) == sight::nothing);
    CHECK(seen(unknown, caller_of("owner", "u1")) == sight::nothing);
}

TEST_CASE("everybody sees that a product changed, the staff sees how")
{
    const auto product = event_of("ProductUpdatedEvent", "product", "p1");
    CHECK(seen(product, caller_of("anonymous")) == sight::bare);
    CHECK(seen(product, caller_of("customer", "u1")) == sight::bare);
    CHECK(seen(product, caller_of("cashier", "u1")) == sight::whole);
    CHECK(seen(product, caller_of("owner", "u1")) == sight::whole);
    CHECK(seen(product, http::caller()) == sight::nothing);
    CHECK(seen(event_of("CategoryUpdatedEvent", "category"), caller_of("anonymous")) ==
          sight::whole);
}

TEST_CASE("what happens to an account is seen by itself and by who manages accounts")
{
    for (const auto& what :
         {event_of("UserUpdatedEvent", "user", "u1"),
          event_of("UserRightsChangedEvent", "user", "u1"),
          event_of("SessionEndedEvent", "session", "s1", {"session:s1", "user:u1"})}) {
        CAPTURE(what.type);
        CHECK(seen(what, caller_of("customer", "u1")) == sight::whole);
        CHECK(seen(what, caller_of("customer", "u2")) == sight::nothing);
        CHECK(seen(what, caller_of("manager", "u2")) == sight::nothing);
        CHECK(seen(what, caller_of("anonymous")) == sight::nothing);
        CHECK(seen(what, caller_of("owner", "u2")) == sight::whole);
    }
    // One that names no account is not that of a caller who has none.
    CHECK(seen(event_of("SessionEndedEvent", "session", "s1"), caller_of("anonymous")) ==
          sight::nothing);
}

TEST_CASE("what happens to an order is seen by who ordered and by who sees all orders")
{
    for (const char* type : {"OrderPlacedEvent", "OrderCancelledEvent", "ShipmentUpdated"}) {
        CAPTURE(type);
        const auto what = event_of(type, "order", "o1", {"order:o1", "list:orders", "user:u1"});
        CHECK(seen(what, caller_of("customer", "u1")) == sight::whole);
        CHECK(seen(what, caller_of("customer", "u2")) == sight::nothing);
        CHECK(seen(what, caller_of("anonymous")) == sight::nothing);
        CHECK(seen(what, caller_of("warehouse", "u2")) == sight::whole);
    }
    // A guest's has no account: nobody without one sees it.
    CHECK(seen(event_of("OrderPlacedEvent", "order", "o1", {"order:o1"}), caller_of("anonymous")) ==
          sight::nothing);
}

TEST_CASE("what the nodes say of themselves is for everybody")
{
    CHECK(seen(event_of("ActiveChanged", "cluster"), caller_of("anonymous")) == sight::whole);
}
