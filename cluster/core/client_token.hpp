// Keeps the newest Kieng-Token seen, so that no node shows the caller older data. Pure. Not thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kieng::cluster::client {

class token_keeper {
public:
    // Takes the token if it is newer (incarnation, then position). Text of another form is ignored.
    void seen(std::string_view token);
    // Forgets the token, unless a newer one came since `sent` was sent. Returns whether there was something to forget.
    bool drop(std::string_view sent);
    // Empty: send none.
    [[nodiscard]] const std::string& newest() const noexcept { return text_; }

private:
    std::string text_;
    std::int64_t incarnation_ = -1;
    std::int64_t pos_ = -1;
};

}  // namespace kieng::cluster::client
