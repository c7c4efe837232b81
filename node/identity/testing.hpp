// For tests of this capability: two nodes on one fresh database, called through their route tables as the server would.
// Not for production code.
#pragma once

#include "node/identity/identity.hpp"
#include "node/platform/http/router.hpp"
#include "node/platform/store/testing.hpp"

#include <nlohmann/json.hpp>

#include <future>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::identity::testing {

using json = nlohmann::json;

constexpr int kTestCost = 4;  // as cheap as bcrypt gets

struct answered {
    int status = 0;
    std::string raw;
    json body;
    std::map<std::string, std::string> headers;

    [[nodiscard]] std::string code() const
    {
        return body.is_object() ? body.value("code", "") : "";
    }
    [[nodiscard]] std::string at(const char* member) const
    {
        return body.at(member).get<std::string>();
    }
};

// A request in the making. The body is JSON text.
struct call {
    http::verb method;
    std::string target;
    std::string body = {};
    std::string token = {};  // access token
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string address = "192.0.2.1";
};

// One node: its own connections, hashing and memory of revocations.
class node {
public:
    node(const store::database_options& how, store::unit_of_work::commit_listener on_commit,
         identity_options with);
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    answered ask(const call& what);
    [[nodiscard]] std::future<http::response> start(const call& what);
    [[nodiscard]] identity& parts() noexcept { return parts_; }
    [[nodiscard]] store::unit_of_work& work() noexcept { return work_; }
    [[nodiscard]] store::testing::io_runner& io() noexcept { return io_; }

private:
    store::database db_;
    store::unit_of_work work_;
    identity parts_;
    http::router routes_;
    store::testing::io_runner io_;
};

[[nodiscard]] answered read(const http::response& from);

// Two nodes that hear each other's events at once.
class shop {
public:
    explicit shop(identity_options with = options());
    [[nodiscard]] static identity_options options();

    std::string sql(const std::string& text) const { return database_.sql(text); }
    [[nodiscard]] const store::database_options& where() const noexcept
    {
        return database_.options();
    }

    // Shortcuts; they require success.
    json sign_up(const std::string& email, const std::string& password = "muoi hai con giap");
    json sign_in(const std::string& email, const std::string& password = "muoi hai con giap");
    json owner();  // makes the first owner and signs it in

private:
    store::testing::test_database database_;

public:
    node a, b;
};

}  // namespace kieng::identity::testing
