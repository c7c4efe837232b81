// The web app's files.
#include "node/platform/http/test_server.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace kieng::http;
using namespace kieng::http::test;

namespace {

struct web_folder {
    std::filesystem::path root;
    web_folder()
    {
        char name[] = "/tmp/kieng-web-XXXXXX";
        root = ::mkdtemp(name);
        std::filesystem::create_directories(root / "assets");
        write("index.html", "<!doctype html><title>app</title>");
        write("assets/index-4f3a9c2b.js", std::string(5000, ';'));
        write("icon.svg", "<svg/>");
        write(".secret", "no");
    }
    ~web_folder() { std::filesystem::remove_all(root); }
    web_folder(const web_folder&) = delete;
    web_folder& operator=(const web_folder&) = delete;
    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream(root / name) << text;
    }
};

}  // namespace

TEST_CASE("the web app is served under /app/")
{
    const web_folder folder;
    server_options options;
    options.web_root = folder.root.string();
    options.connect_sources = {"http://127.0.0.1:4001"};
    test_server server(options);
    CHECK(server.get("/").status == 302);
    CHECK(server.get("/").header("location") == "/app/");
    auto got = server.get("/app/");
    CHECK(got.status == 200);
    CHECK(got.header("content-type") == "text/html; charset=utf-8");
    CHECK(got.header("cache-control") == "public, no-cache");
    CHECK(got.header("content-security-policy").find("connect-src 'self' http://127.0.0.1:4001") !=
          std::string::npos);
    CHECK(server.get("/app/", "If-None-Match: " + got.header("etag") + "\r\n").status == 304);
    CHECK(server.get("/app/products/7").body == got.body);
    got = server.get("/app/assets/index-4f3a9c2b.js", "Accept-Encoding: gzip\r\n");
    CHECK(got.header("cache-control") == "public, max-age=31536000, immutable");
    CHECK(got.header("content-encoding") == "gzip");
    CHECK(got.header("content-type") == "text/javascript; charset=utf-8");
    CHECK(server.get("/app/icon.svg").header("content-type") == "image/svg+xml");
    for (const auto* path :
         {"/app/none.js", "/app/../index.html", "/app/..%2f..%2fetc/passwd",
          "/app/%2e%2e/%2e%2e/etc/passwd", "/app/.secret", "/app//etc/passwd.txt"}) {
        CAPTURE(std::string(path));
        CHECK(server.get(path).status == 404);
    }
    CHECK(server.call("HEAD", "/app/").body.empty());
    got = server.call("POST", "/app/");
    CHECK(got.status == 405);
    CHECK(got.header("allow") == "GET, HEAD, OPTIONS");
    CHECK(server.get("/echo").status == 200);
    options.web_root += "/assets";
    CHECK_THROWS_AS(test_server{options}, std::runtime_error);
}
