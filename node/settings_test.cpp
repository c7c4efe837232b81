#include "node/settings.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kieng::node;

namespace {

std::map<std::string, std::string> good()
{
    const std::string secret(32, 's');
    return {{"SERVER_ID", "server-a"}, {"DB_HOST", "127.0.0.1"}, {"DB_USER", "kieng"},
            {"DB_NAME", "kieng"},      {"JWT_SECRET", secret},   {"CLUSTER_SECRET", secret}};
}

loaded_settings load(const std::map<std::string, std::string>& values)
{
    return load_settings([&](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(std::string(name));
        if (found == values.end()) return std::nullopt;
        return found->second;
    });
}

}  // namespace

TEST_CASE("the few required settings are enough")
{
    const auto out = load(good());
    CHECK(out.faults.empty());
    CHECK(out.value.port == 4000);
    CHECK(out.value.cache_bytes == 64U << 20);
    CHECK(out.value.default_currency == "VND");
}

TEST_CASE("a command that works on the database needs the settings of the database alone")
{
    const auto values = std::map<std::string, std::string>{
        {"DB_HOST", "127.0.0.1"}, {"DB_USER", "kieng"}, {"DB_NAME", "kieng"}};
    const environment from = [&](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(std::string(name));
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
    CHECK(load_settings(from, settings_use::database).faults.empty());
    CHECK(load_settings(from, settings_use::serve).faults.size() == 3);
}

TEST_CASE("all faults come at once, each with its name")
{
    const auto out = load({{"PORT", "70000"},
                           {"JWT_SECRET", "short"},
                           {"SERVER_A_URL", "ftp://x"},
                           {"CACHE_BYTES", "1 GB"},
                           {"TLS_CERT", "/none"},
                           {"LOG_LEVEL", "loud"},
                           {"OWNER_EMAIL", "a@b.vn"}});
    std::vector<std::string> names;
    for (const auto& fault : out.faults) names.push_back(fault.name);
    for (const char* expected :
         {"SERVER_ID", "PORT", "SERVER_A_URL", "CLUSTER_SECRET", "DB_HOST", "DB_USER", "DB_NAME",
          "JWT_SECRET", "OWNER_PASSWORD", "TLS_CERT", "TLS_KEY", "CACHE_BYTES", "LOG_LEVEL"}) {
        CAPTURE(expected);
        CHECK(std::find(names.begin(), names.end(), expected) != names.end());
    }
}

TEST_CASE("a first owner whose password everybody tries is refused before the start")
{
    for (const auto* weak : {"password123", "owner@shop.vn", "aaaaaaaaaaaa", "1234567890"}) {
        auto values = good();
        values["OWNER_EMAIL"] = "owner@shop.vn";
        values["OWNER_PASSWORD"] = weak;
        const auto out = load(values);
        CAPTURE(weak);
        REQUIRE(out.faults.size() == 1);
        CHECK(out.faults[0].name == "OWNER_PASSWORD");
        CHECK(out.faults[0].problem.find(weak) == std::string::npos);
    }
    auto values = good();
    values["OWNER_EMAIL"] = "owner@shop.vn";
    values["OWNER_PASSWORD"] = "ba con meo ngu";
    CHECK(load(values).faults.empty());
}

TEST_CASE("what would only fail after the start is refused before it, with an example")
{
    struct {
        const char *name, *value;
    } const rows[]{
        {"BIND_ADDRESS", "foo"},
        {"TRUSTED_PROXIES", "127.0.0.1/32,1.2.3"},
        {"TRUSTED_PROXIES", "10.0.0.0/40"},
        {"LOG_FILE", "/nowhere/at/all.log"},
        {"LOG_FILE", "/tmp"},
        {"DB_PORT", "0"},
        {"DB_PORT", "70000"},
        {"DB_PORT", "5432,5433"},
        {"CACHE_BYTES", "5"},
        {"CORS_ORIGINS", "https://shop.example/"},
        {"CORS_ORIGINS", "shop.example"},
        {"DB_POOL_MAX", "0"},
        {"LOGIN_LIMIT", "5"},
        {"TLS_CERT", "/nowhere.crt"},
        {"PEER_CA", "/nowhere.pem"},
        {"WEB_ROOT", "/nowhere"},
        {"OWNER_PASSWORD", "short"},
    };
    for (const auto& row : rows) {
        auto values = good();
        values[row.name] = row.value;
        CAPTURE(row.name);
        CAPTURE(row.value);
        const auto faults = load(values).faults;
        REQUIRE(!faults.empty());
        for (const auto& fault : faults) CHECK(!fault.example.empty());
        CHECK(std::any_of(faults.begin(), faults.end(),
                          [&](const setting_fault& one) { return one.name == row.name; }));
    }
}

TEST_CASE("an example of a fault is itself no fault")
{
    auto values = good();
    values["DB_POOL_MAX"] = "0";
    const auto first = load(values);
    REQUIRE(first.faults.size() == 1);
    values["DB_POOL_MAX"] = first.faults[0].example;
    CHECK(load(values).faults.empty());
    values["DB_HOST"] = "10.0.0.1,10.0.0.2";
    values["DB_PORT"] = "5432,5433";
    values["CACHE_BYTES"] = "0";
    values["LOG_FILE"] = "/tmp/kieng-settings-test.log";
    CHECK(load(values).faults.empty());
}

TEST_CASE("a fault never shows a secret")
{
    auto values = good();
    values["JWT_SECRET"] = "hunter2";
    for (const auto& fault : load(values).faults) {
        CHECK(fault.problem.find("hunter2") == std::string::npos);
        CHECK(fault.example.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a node finds its own url by its id")
{
    auto values = good();
    values["SERVER_A_URL"] = "http://10.0.0.1:4000/";
    values["SERVER_B_URL"] = "http://10.0.0.2:4000";
    const auto out = load(values);
    CHECK(out.value.self_url == "http://10.0.0.1:4000");
    CHECK(out.value.peers.size() == 2);
}

TEST_CASE("sizes and durations carry their unit")
{
    auto values = good();
    values["CACHE_BYTES"] = "2GiB";
    values["HEARTBEAT_INTERVAL"] = "2m";
    const auto out = load(values);
    CHECK(out.faults.empty());
    CHECK(out.value.cache_bytes == std::size_t{2} << 30);
    CHECK(out.value.heartbeat == std::chrono::minutes(2));
}

TEST_CASE("an env file may hold comments, quotes and export")
{
    std::vector<setting_fault> faults;
    const auto out =
        parse_env_file("# a\n\nexport PORT=4001\r\nDB_PASSWORD=\"a b=c\"\nJUNK\n", faults);
    CHECK(out.at("PORT") == "4001");
    CHECK(out.at("DB_PASSWORD") == "a b=c");
    REQUIRE(faults.size() == 1);
    CHECK(faults.at(0).name == ".env line 5");
}

TEST_CASE("payments are set up whole or not at all")
{
    auto values = good();
    CHECK_FALSE(load(values).value.payments.has_vnpay());
    values["VNPAY_TMN_CODE"] = "KIENG001";
    values["BANK_ACCOUNT"] = "0011 0123";
    values["BANK_WEBHOOK_SECRET"] = "short";
    values["MOCK_GATEWAY_URL"] = "http://127.0.0.1:4900";
    values["PAYMENT_QUERY_AFTER"] = "500ms";
    const auto out = load(values);
    std::vector<std::string> names;
    for (const auto& fault : out.faults) names.push_back(fault.name);
    CHECK(names == std::vector<std::string>{"VNPAY_HASH_SECRET", "VNPAY_URL", "VNPAY_RETURN_URL",
                                            "BANK_BIN", "BANK_ACCOUNT", "BANK_WEBHOOK_SECRET",
                                            "MOCK_GATEWAY_SECRET", "PAYMENT_QUERY_AFTER"});

    values = good();
    values["BANK_ACCOUNT"] = "0011012345678";
    values["BANK_BIN"] = "970436";
    values["VNPAY_TMN_CODE"] = "KIENG001";
    values["VNPAY_HASH_SECRET"] = "secret";
    values["VNPAY_URL"] = "https://pay.example/paymentv2/vpcpay.html";
    values["VNPAY_RETURN_URL"] = "https://shop.example/app/paid";
    values["CASH_DIFFERENCE_LIMIT"] = "0";
    const auto whole = load(values);
    CHECK(whole.faults.empty());
    CHECK(whole.value.payments.has_bank());
    CHECK(whole.value.payments.cash_difference == 0);
    CHECK(whole.value.payments.query_after == std::chrono::minutes(2));
    values.erase("VNPAY_TMN_CODE");
    CHECK(load(values).faults.size() == 3);
}

TEST_CASE("nodes that take money in different ways notice it")
{
    auto values = good();
    const auto plain = shared_settings_hash(load(values).value);
    CHECK(plain == shared_settings_hash(load(values).value));
    values["BANK_ACCOUNT"] = "0011012345678";
    values["BANK_BIN"] = "970436";
    const auto with_bank = shared_settings_hash(load(values).value);
    CHECK(with_bank != plain);
    values["BANK_WEBHOOK_SECRET"] = std::string(32, 'b');
    CHECK(shared_settings_hash(load(values).value) != with_bank);
    values["PAYMENT_QUERY_AFTER"] = "5s";  // each node may be as patient as it likes
    values.erase("BANK_WEBHOOK_SECRET");
    CHECK(shared_settings_hash(load(values).value) == with_bank);
}
