// The two ends a handler streams through. Internal to the session.
#pragma once

#include "node/platform/cache/gzip.hpp"
#include "node/platform/http/session.hpp"

#include <optional>

namespace kieng::http {

class session::source final : public body_source {
public:
    explicit source(session& of) : of_(of) {}
    task<result<std::string>> read() override;

private:
    session& of_;
};

class session::sink final : public body_sink {
public:
    // `pack`: what is written goes out as gzip; end with finish().
    sink(session& of, bool pack);
    task<bool> write(std::string piece) override;
    // What was kept back to be packed with what might follow.
    task<> finish();
    void when_left(std::function<void()> call) override { of_.when_left_ = std::move(call); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    task<bool> send(std::string piece);

    session& of_;
    std::optional<cache::gzip_stream> pack_;
    std::size_t bytes_ = 0;
};

}  // namespace kieng::http
