#include "node/platform/telemetry/metrics.hpp"

#include <doctest/doctest.h>

using namespace kieng::telemetry;

TEST_CASE("samples leave as Prometheus text")
{
    metrics all;
    all.add([](samples& out) {
        out.counter("kieng_requests_total", "Requests.", 3, {{"route", "/products/{id}"}});
        out.counter("kieng_requests_total", "Requests.", 4, {{"route", "a\"b\n"}});
        const double upper[] = {0.1, 1};
        const std::uint64_t counts[] = {2, 1, 1};
        out.histogram("kieng_seconds", "Time.", upper, counts, 5.5);
    });
    const std::string text = all.text();
    CHECK(text.find("# TYPE kieng_requests_total counter") != std::string::npos);
    CHECK(text.find("kieng_requests_total{route=\"/products/{id}\"} 3") != std::string::npos);
    CHECK(text.find("a\\\"b\\n") != std::string::npos);
    CHECK(text.find("kieng_seconds_bucket{le=\"1\"} 3") != std::string::npos);
    CHECK(text.find("kieng_seconds_bucket{le=\"+Inf\"} 4") != std::string::npos);
    CHECK(text.find("kieng_seconds_count 4") != std::string::npos);
}

TEST_CASE("the process knows its own size")
{
    const auto now = read_process();
    CHECK(now.resident_bytes > 1'000'000);
    CHECK(now.threads >= 1);
    CHECK(now.open_descriptors >= 3);
}
