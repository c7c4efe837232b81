// Where this node stands in the order of all writes, for the HTTP layer: the event feed's position and the signer of tokens.
// Thread safe.
#pragma once

#include "cluster/core/position_token.hpp"
#include "node/platform/http/position_source.hpp"
#include "node/platform/store/event_feed.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::node {

class positions final : public http::position_source {
public:
    positions(store::event_feed& feed, std::string_view cluster_secret)
        : feed_(feed),
          signer_(cluster_secret)
    {}

    [[nodiscard]] std::int64_t applied() const noexcept override { return feed_.applied(); }
    [[nodiscard]] std::int64_t incarnation() const noexcept override { return feed_.incarnation(); }
    [[nodiscard]] std::string token(std::int64_t pos) const override;
    [[nodiscard]] std::string token(cluster::position_token of) const { return signer_.write(of); }
    // Nothing for a text that is no token of this cluster, whatever history it names.
    [[nodiscard]] std::optional<cluster::position_token> open(std::string_view token) const
    {
        return signer_.read(token);
    }
    // Tokens with a bad mac are ignored and counted.
    [[nodiscard]] std::int64_t read(std::string_view token) const noexcept override;
    task<bool> wait_for(std::int64_t pos, std::chrono::milliseconds time) override;

    [[nodiscard]] std::uint64_t refused() const noexcept
    {
        return refused_.load(std::memory_order_relaxed);
    }

private:
    store::event_feed& feed_;
    cluster::token_signer signer_;
    mutable std::atomic<std::uint64_t> refused_{0};
};

}  // namespace kieng::node
