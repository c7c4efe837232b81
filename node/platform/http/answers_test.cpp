// What comes back: validators, compression, positions, problems, streams, the web app.
#include "base/json_reader.hpp"
#include "node/platform/http/out_queue.hpp"
#include "node/platform/http/problem_table.hpp"
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace kieng;
using namespace kieng::http;
using namespace kieng::http::test;

TEST_CASE("a cached answer is read once and then served from memory")
{
    test_server server;
    const auto first = server.get("/products/a?x=1&y=2");
    const auto second = server.get("/v1/products/a?y=2&x=1");
    CHECK(first.status == 200);
    CHECK(first.body == second.body);
    CHECK(server.loads == 1);
    CHECK(first.header("cache-control") == "private, no-cache");
    CHECK(first.header("vary") == "Authorization, Accept-Language, Accept-Encoding, Origin");
    CHECK(first.header("etag") == second.header("etag"));
    CHECK(first.header("etag").size() > 2);
    CHECK(
        server.get("/products/a?x=1&y=2", "Accept-Language: vi\r\n").body.find("\"lang\":\"vi\"") !=
        std::string::npos);
    CHECK(server.loads == 2);
    CHECK(server.get("/products/a?x=1&y=2", "Authorization: Bearer good\r\n").status == 200);
    CHECK(server.loads == 3);
    const auto seen = server.under_test().snapshot();
    std::uint64_t cached = 0;
    for (const auto& route : seen.routes) cached += route.cached;
    CHECK(cached == 1);
}

TEST_CASE("the newest change is read again")
{
    test_server server;
    (void)server.get("/products/a");
    const std::vector<std::string> tags{"product:a"};
    server.cache.drop(tags, 6);
    server.positions.applied_ = 6;
    CHECK(server.get("/products/a").header("kieng-token") == "7.6.00000000000000ab");
    CHECK(server.loads == 2);
}

TEST_CASE("what is not there carries the position it was looked for at, first and from memory")
{
    test_server server;
    const auto first = server.get("/products/just-gone");
    const auto second = server.get("/products/just-gone");
    CHECK(first.status == 404);
    CHECK(second.status == 404);
    CHECK(server.loads == 1);
    const auto token = "7." + std::to_string(server.positions.applied() + 3) + ".00000000000000ab";
    CHECK(first.header("kieng-token") == token);
    CHECK(second.header("kieng-token") == token);
}

TEST_CASE("large answers from memory arrive whole, one behind the other")
{
    test_server server;
    const auto alone = server.get("/products/huge").body;
    CHECK(alone.size() > out_queue::kBorrowFrom);
    auto one = server.connect();
    std::string asked;
    for (int i = 0; i < 40; ++i)
        asked += "GET /products/" + std::string(i % 3 == 0 ? "a" : "huge") +
                 " HTTP/1.1\r\nHost: a\r\n\r\n";
    one.send(asked);
    for (int i = 0; i < 40; ++i) {
        const auto got = one.read();
        CHECK(got.complete);
        if (i % 3 != 0) CHECK((got.body == alone));
    }
}

TEST_CASE("If-None-Match answers 304 for the same bytes only")
{
    test_server server;
    const auto etag = server.get("/products/large").header("etag");
    const auto packed = server.get("/products/large", "Accept-Encoding: gzip\r\n");
    CHECK(packed.header("etag") != etag);
    struct row {
        std::string headers;
        int status;
    };
    for (const auto& [headers, status] : std::vector<row>{
             {"If-None-Match: " + etag + "\r\n", 304},
             {"If-None-Match: W/" + etag + "\r\n", 304},
             {"If-None-Match: \"x\", " + etag + "\r\n", 304},
             {"If-None-Match: *\r\n", 304},
             {"If-None-Match: \"x\"\r\n", 200},
             {"If-None-Match: x\r\n", 200},
             {"If-None-Match: " + packed.header("etag") + "\r\n", 200},
             {"Accept-Encoding: gzip\r\nIf-None-Match: " + packed.header("etag") + "\r\n", 304},
         }) {
        CAPTURE(headers);
        const auto got = server.get("/products/large", headers);
        CHECK(got.status == status);
        CHECK(got.header("etag").size() > 2);
        CHECK(got.header("cache-control") == "private, no-cache");
        CHECK(got.header("kieng-token") == "7.5.00000000000000ab");
        if (status == 304)
            CHECK(got.headers.count("content-type") + got.headers.count("content-encoding") == 0);
    }
    const auto big = server.get("/big/2000");
    CHECK(big.header("etag") == "\"v1\"");
    CHECK(server.get("/big/2000", "If-None-Match: \"v1\"\r\n").status == 304);
    auto one = server.connect();
    one.send("GET /products/large HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + etag +
             "\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(one.read().status == 304);
    CHECK(one.read().status == 200);
}

TEST_CASE("gzip is sent where it is wanted and pays")
{
    test_server server;
    struct row {
        const char* accepts;
        const char* path;
        bool packed;
    };
    for (const auto& [accepts, path, packed] : std::vector<row>{
             {"gzip", "/big/2000", true},
             {"gzip", "/products/large", true},
             {"gzip, deflate, br", "/big/2000", true},
             {"GZIP", "/big/2000", true},
             {"*", "/big/2000", true},
             {"gzip;q=0.5, identity", "/big/2000", true},
             {"gzip;q=0", "/big/2000", false},
             {"gzip;q=0, *", "/big/2000", false},
             {"gzip;q=0.000", "/products/large", false},
             {"identity", "/big/2000", false},
             {"br", "/products/large", false},
             {"", "/big/2000", false},
             {"gzip", "/big/1000", false},
             {"gzip", "/products/a", false},
         }) {
        CAPTURE(std::string(accepts));
        CAPTURE(std::string(path));
        const auto got = server.get(path, "Accept-Encoding: " + std::string(accepts) + "\r\n");
        CHECK(got.status == 200);
        CHECK((got.header("content-encoding") == "gzip") == packed);
        CHECK((got.body.substr(0, 2) == "\x1f\x8b") == packed);
    }
}

TEST_CASE("answers carry the position they may show")
{
    test_server server;
    CHECK(server.get("/echo").header("kieng-token") == "7.5.00000000000000ab");
    CHECK(server.get("/big/1").header("kieng-token") == "7.42.00000000000000ab");
    CHECK(server.get("/nowhere").header("kieng-token") == "7.5.00000000000000ab");
    CHECK(server.get("/echo", "Kieng-Token: 7.4.00000000000000ab\r\n").body.find("\"seen\":4") !=
          std::string::npos);
    CHECK(server.get("/echo", "Kieng-Token: 7.4.forged\r\n").body.find("\"seen\":0") !=
          std::string::npos);
}

TEST_CASE("answers name the cluster once it is known")
{
    test_server server;
    CHECK(server.get("/nowhere").header("kieng-cluster") == "kieng-7");
    server.positions.named_ = false;
    CHECK(server.get("/nowhere").header("kieng-cluster").empty());
}

TEST_CASE("a caller who has seen more waits for it and is never shown less")
{
    test_server server;
    (void)server.get("/products/a");
    CHECK(server.loads == 1);
    const auto behind = server.get("/products/a", "Kieng-Token: 7.9.00000000000000ab\r\n");
    CHECK(server.positions.waits_ == 1);
    CHECK(server.loads >= 2);  // read past the kept answer, which was older
    server.positions.applied_ = 9;
    CHECK(server.get("/products/a", "Kieng-Token: 7.9.00000000000000ab\r\n").status == 200);
    CHECK(server.positions.waits_ == 1);
    CHECK(behind.complete);
}

TEST_CASE("what is not there is kept too, and told in the caller's language")
{
    test_server server;
    for (int i = 0; i < 2; ++i) {
        const auto got = server.get("/products/none", "Accept-Language: vi\r\n");
        CHECK(got.status == 404);
        CHECK(got.header("cache-control") == "no-store");
        CHECK(got.body.find("Không tìm thấy") != std::string::npos);
    }
    CHECK(server.loads == 1);
}

TEST_CASE("faults become problems and show nothing inside")
{
    test_server server;
    for (const auto* path : {"/fail/std", "/fail/odd", "/products/throws"}) {
        const auto got = server.get(path);
        CHECK(got.status == 500);
        CHECK(got.header("content-type") == "application/problem+json");
        CHECK(got.body.find("secret") == std::string::npos);
        CHECK(got.body.find("loader") == std::string::npos);
        const auto problem = nlohmann::json::parse(got.body);
        CHECK(problem["code"] == "internal_error");
        CHECK(problem["committed"] == "no");
        CHECK(problem["requestId"] == got.header("x-request-id"));
    }
    for (const auto* path : {"/fail/database", "/products/broken"}) {
        const auto got = server.get(path);
        CHECK(got.status == 503);
        CHECK(got.header("retry-after") == "1");
        const auto problem = nlohmann::json::parse(got.body);
        CHECK(problem["type"] == "urn:kieng:problem:database_unavailable");
        CHECK(problem["scope"] == "shared");
        CHECK(problem["retry"]["where"] == "same");
        CHECK(problem["retry"]["afterMs"] == 1000);
    }
}

TEST_CASE("every failure and every fault has its answer in both languages")
{
    request to;
    to.id = "r";
    for (int i = 1; i <= static_cast<int>(kLastErrc); ++i) {
        const auto code = static_cast<errc>(i);
        for (const auto lang : {language::vi, language::en}) {
            to.lang = lang;
            failure why(code);
            for (int f = 1; f <= static_cast<int>(kLastFaultCode); ++f)
                why.fields.push_back({"/x", static_cast<fault_code>(f), "1..2"});
            const auto made = problem(why, to);
            const auto parsed = nlohmann::json::parse(made.body);
            CHECK(parsed["code"] == std::string(kieng::name_of(code)));
            CHECK(parsed["status"] == made.status);
            CHECK(!parsed["title"].get<std::string>().empty());
            for (const auto& fault : parsed["errors"])
                CHECK(fault["detail"].get<std::string>().find("1..2") != std::string::npos);
        }
    }
}

TEST_CASE("what a problem says is said in the reader's language")
{
    test_server server;
    const auto said = [&](std::string_view lang) {
        const auto got =
            server.get("/products/%zz", "Accept-Language: " + std::string(lang) + "\r\n");
        return nlohmann::json::parse(got.body)["detail"].get<std::string>();
    };
    CHECK(said("en") == "The target has a broken escape.");
    CHECK(said("vi") == "Đường dẫn có mã phần trăm sai.");

    request to;
    to.lang = language::vi;
    const auto broken = parse_json("{\"a\":1,\"a\":2}");
    REQUIRE(broken.has_error());
    CHECK(nlohmann::json::parse(problem(broken.error(), to).body)["detail"] ==
          "Một tên được gửi hai lần.");
    to.lang = language::en;
    CHECK(nlohmann::json::parse(problem(broken.error(), to).body)["detail"] ==
          "A name is given twice.");
}

TEST_CASE("a handler cannot break the header apart")
{
    test_server server;
    const auto got = server.get("/big/1");
    CHECK(got.headers.count("x-forged") == 0);
    CHECK(got.header("link") == "aX-Forged: yes");
}

TEST_CASE("large answers arrive whole")
{
    test_server server;
    auto one = server.connect();
    for (int i = 0; i < 3; ++i) one.send("GET /big/5000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
        const auto got = one.read();
        CHECK(got.complete);
        CHECK(got.body.size() == 5'000'000);
    }
}

TEST_CASE("streams flow out chunked and in with back pressure")
{
    test_server server;
    const auto out = server.get("/export");
    CHECK(out.header("transfer-encoding") == "chunked");
    CHECK(out.complete);
    CHECK(out.body.starts_with("line 0\n"));
    CHECK(out.body.ends_with("line 999\n"));
    const auto old = server.ask("GET /export HTTP/1.0\r\n\r\n");
    CHECK(old.headers.count("transfer-encoding") == 0);
    CHECK(old.body == out.body);
    CHECK(!server.get("/export?broken").complete);

    auto one = server.connect();
    one.send(
        "POST /import HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 3000000\r\n\r\n");
    for (int i = 0; i < 30; ++i) one.send(std::string(100'000, 'c'));
    CHECK(one.read().body == R"({"bytes":3000000})");
    one.send(
        "POST /import HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na,b\nc\r\n0\r\n\r\n");
    CHECK(one.read().body == R"({"bytes":5})");
    one.send(
        "POST /import HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    CHECK(one.read().status == 400);
    CHECK(one.closed());
}
