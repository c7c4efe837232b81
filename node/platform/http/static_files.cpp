#include "node/platform/http/static_files.hpp"

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "node/platform/cache/gzip.hpp"
#include "node/platform/http/characters.hpp"
#include "node/platform/http/gzip.hpp"
#include "node/platform/http/target.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kieng::http {

namespace fs = std::filesystem;

namespace {

std::string read_whole(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.good() && !in.eof()) throw std::runtime_error("cannot read " + file.string());
    return bytes;
}

static_file load(const fs::path& file)
{
    constexpr int kBestPracticalLevel = 6;
    static_file made;
    const auto name = file.filename().string();
    made.content_type = content_type_of(name);
    made.body = read_whole(file);
    made.immutable = has_hashed_name(name);
    made.etag = to_hex(as_text(sha256(made.body)).substr(0, 12));
    const fs::path packed(file.string() + ".gz");
    if (fs::is_regular_file(packed)) {
        made.gzip = read_whole(packed);
    } else if (made.body.size() >= kGzipFrom && is_compressible(made.content_type)) {
        made.gzip = cache::gzip(made.body, kBestPracticalLevel);
    }
    return made;
}

}  // namespace

std::string_view content_type_of(std::string_view name) noexcept
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes{{
        {"html", "text/html; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"json", "application/json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"avif", "image/avif"},
        {"ico", "image/x-icon"},
        {"woff", "font/woff"},
        {"woff2", "font/woff2"},
        {"txt", "text/plain; charset=utf-8"},
        {"xml", "application/xml"},
        {"wasm", "application/wasm"},
    }};
    const auto dot = name.rfind('.');
    if (dot != std::string_view::npos)
        for (const auto& [extension, type] : kTypes)
            if (equal_ignoring_case(name.substr(dot + 1), extension)) return type;
    return "application/octet-stream";
}

bool has_hashed_name(std::string_view name) noexcept
{
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    const auto stem = name.substr(0, dot);
    const auto mark = stem.find_last_of("-.");
    if (mark == std::string_view::npos || stem.size() - mark - 1 < 8) return false;
    const auto hash = stem.substr(mark + 1);
    const bool word = std::all_of(hash.begin(), hash.end(),
                                  [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
    const bool has_digit_or_capital = std::any_of(
        hash.begin(), hash.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
    return word && has_digit_or_capital;
}

static_files::static_files(const std::string& root)
{
    std::size_t total = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const auto& file = entry.path();
        if (!entry.is_regular_file() || file.extension() == ".gz" ||
            file.filename().string().front() == '.')
            continue;
        const auto bytes = entry.file_size();
        if (bytes > kMaxFileBytes || total + bytes > kMaxTotalBytes) {
            log::warning("web_file_skipped", {{"file", file.string()}, {"bytes", bytes}});
            continue;
        }
        total += bytes;
        files_.emplace(fs::relative(file, root).generic_string(), load(file));
    }
    if (files_.find("index.html") == files_.end())
        throw std::runtime_error("WEB_ROOT has no index.html: " + root);
}

const static_file* static_files::find(std::string_view path) const
{
    std::string decoded;
    if (path.find('%') != std::string_view::npos) {
        auto text = decode_component(path, false);
        if (!text) return nullptr;
        decoded = *std::move(text);
        path = decoded;
    }
    if (path.empty()) path = "index.html";
    // Only names that were found at start exist, so no path leads out of the folder.
    if (const auto found = files_.find(path); found != files_.end()) return &found->second;
    if (path.find("..") != std::string_view::npos) return nullptr;
    const auto name = path.substr(path.rfind('/') + 1);
    if (name.find('.') != std::string_view::npos) return nullptr;
    return &files_.find("index.html")->second;
}

}  // namespace kieng::http
