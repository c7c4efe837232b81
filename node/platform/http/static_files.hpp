// The web app's files, read once at start and served from memory under /app/. A path that names no file and has no extension is
// the app's own (client-side routing) and gets index.html.
//
// Immutable after construction, thread safe. The constructor throws std::runtime_error when the folder has no index.html.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kieng::http {

struct static_file {
    std::string content_type;
    std::string body;
    std::string gzip;  // from a neighbour "<name>.gz" or made at start; empty if it does not pay
    std::string etag;  // without quotes
    bool immutable = false;  // the name holds a hash of the content
};

class static_files {
public:
    static constexpr std::size_t kMaxFileBytes = 16U << 20U;
    static constexpr std::size_t kMaxTotalBytes = 128U << 20U;

    explicit static_files(const std::string& root);
    // `path` is what follows "/app/" as received; null if there is no such file.
    [[nodiscard]] const static_file* find(std::string_view path) const;
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }

private:
    std::map<std::string, static_file, std::less<>> files_;  // by path below the root
};

[[nodiscard]] std::string_view content_type_of(std::string_view file_name) noexcept;
// "index-4f3a9c2b.js": a name with a hash of at least eight characters before the extension.
[[nodiscard]] bool has_hashed_name(std::string_view file_name) noexcept;

}  // namespace kieng::http
