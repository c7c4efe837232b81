#include "cluster/core/client_events.hpp"

#include <doctest/doctest.h>

using kieng::cluster::client::view_events;

TEST_CASE("the data of view events comes out whole, however the bytes are cut")
{
    const std::string stream =
        ": hello\n\nid: 1.2.3\nevent: ProductUpdatedEvent\ndata: {}\n\nevent: view\ndata: one\n\n"
        "event:view\r\ndata:two\r\ndata: lines\r\n\r\nid: 7\n\nevent: view\rdata: three\r\r";
    const std::vector<std::string> wanted{"one", "two\nlines", "three"};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        view_events reader;
        std::vector<std::string> got;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            for (auto& one : reader.take(std::string_view(stream).substr(at, size)))
                got.push_back(std::move(one));
        }
        CHECK_MESSAGE(got == wanted, "pieces of " << size);
    }
}

TEST_CASE("a block that never ends takes no more memory, and the next one counts again")
{
    view_events reader;
    CHECK(reader.take("event: view\ndata: " + std::string(3'000'000, 'x')).empty());
    for (int i = 0; i < 100; ++i) CHECK(reader.take("\ndata: " + std::string(10'000, 'y')).empty());
    CHECK(reader.take("\n\n").empty());
    CHECK(reader.take("event: view\ndata: good\n\n") == std::vector<std::string>{"good"});
}
