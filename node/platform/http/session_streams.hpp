// The two ends a handler streams through. Internal to the session.
#pragma once

#include "node/platform/http/session.hpp"

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
    explicit sink(session& of) : of_(of) {}
    task<bool> write(std::string piece) override;
    void when_left(std::function<void()> call) override { of_.when_left_ = std::move(call); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    session& of_;
    std::size_t bytes_ = 0;
};

}  // namespace kieng::http
