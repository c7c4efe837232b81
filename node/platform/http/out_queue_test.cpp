// Text and borrowed bodies leave in order, in whatever pieces the socket takes, and bodies are held until they have left.
#include "node/platform/http/out_queue.hpp"

#include <doctest/doctest.h>

using namespace kieng::http;

namespace {

std::string drain(out_queue& from, std::size_t step)
{
    std::string all;
    while (!from.empty()) {
        std::size_t left = step;
        for (const auto& piece : from.next()) {
            const auto take = std::min(left, piece.size());
            all.append(static_cast<const char*>(piece.data()), take);
            left -= take;
        }
        from.sent(step - left);
    }
    return all;
}

}  // namespace

TEST_CASE("heads and borrowed bodies leave in the order they came, however little goes at a time")
{
    for (const std::size_t step : {1U, 7U, 4096U, 5000U, 1'000'000U}) {
        out_queue queue;
        std::string expected;
        for (int i = 0; i < 20; ++i) {  // more pieces than one write takes
            const std::string head = "head " + std::to_string(i) + "\n";
            const auto body = std::make_shared<const std::string>(
                out_queue::kBorrowFrom + static_cast<std::size_t>(i), static_cast<char>('a' + i));
            queue.text() += head;
            queue.append(*body, body);
            expected += head + *body;
        }
        queue.text() += "end";
        expected += "end";
        CHECK(queue.size() == expected.size());
        CHECK(drain(queue, step) == expected);
    }
}

TEST_CASE("a large body is lent and a small one copied")
{
    out_queue queue;
    const auto large = std::make_shared<const std::string>(out_queue::kBorrowFrom, 'x');
    const auto small = std::make_shared<const std::string>("small");
    queue.append(*large, large);
    queue.append(*small, small);
    CHECK(large.use_count() == 2);
    CHECK(small.use_count() == 1);
    CHECK(queue.next().front().data() == large->data());
    CHECK(queue.next().size() == 2);
    CHECK(drain(queue, 100) == *large + "small");
    queue.clear();
    CHECK(large.use_count() == 1);
    CHECK(queue.empty());
}
