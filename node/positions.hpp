// Where this node stands in the order of all writes, for the HTTP layer: the event feed's position and the signer of tokens.
// Thread safe.
#pragma once

#include "cluster/core/position_token.hpp"
#include "node/history_losses.hpp"
#include "node/platform/http/position_source.hpp"
#include "node/platform/store/event_feed.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace kieng::node {

class positions final : public http::position_source {
public:
    positions(store::event_feed& feed, std::string_view cluster_secret, history_losses& losses)
        : feed_(feed),
          losses_(losses),
          signer_(cluster_secret)
    {}

    [[nodiscard]] std::int64_t applied() const noexcept override { return feed_.applied(); }
    [[nodiscard]] std::chrono::milliseconds age() const noexcept override { return feed_.age(); }
    [[nodiscard]] bool cut_off() const noexcept override
    {
        return cut_off_.load(std::memory_order_relaxed);
    }
    void set_cut_off(bool whether) noexcept { cut_off_.store(whether, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t incarnation() const noexcept override { return feed_.incarnation(); }
    [[nodiscard]] std::string_view cluster() const noexcept override;
    // Once, when PostgreSQL has told the name.
    void set_cluster(std::string name);
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
    void history_vanished() noexcept override;
    task<std::optional<std::int64_t>> newest() override { return feed_.newest(); }

    [[nodiscard]] std::uint64_t refused() const noexcept
    {
        return refused_.load(std::memory_order_relaxed);
    }

private:
    store::event_feed& feed_;
    history_losses& losses_;
    cluster::token_signer signer_;
    mutable std::atomic<std::uint64_t> refused_{0};
    std::atomic<bool> cut_off_{false};
    std::once_flag named_;
    std::string cluster_;  // written once, before cluster_known_
    std::atomic<bool> cluster_known_{false};
};

}  // namespace kieng::node
