#include "node/condition_watch.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace kieng::node {
namespace {

constexpr std::chrono::seconds kEvery{10};

std::string content_of(const std::string& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

std::optional<wall_time> certificate_end(std::string_view pem)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    if (!in) return std::nullopt;
    const std::unique_ptr<X509, decltype(&X509_free)> read(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free);
    std::tm parts{};
    if (!read || ASN1_TIME_to_tm(X509_get0_notAfter(read.get()), &parts) != 1) return std::nullopt;
    return wall_time(std::chrono::seconds(::timegm(&parts)));
}

std::optional<cluster::disk_space> space_for_log(const std::string& log_file)
{
    auto folder = std::filesystem::path(log_file).parent_path();
    if (folder.empty()) folder = ".";
    std::error_code fault;
    const auto room = std::filesystem::space(folder, fault);
    if (fault || room.capacity == 0) return std::nullopt;
    return cluster::disk_space{room.available, room.capacity};
}

condition_watch::condition_watch(const settings& how) : how_(how)
{
    known_.settings_hash = shared_settings_hash(how);
    certificate_reloaded();
    known_.disk = space_for_log(how.log_file);
    thread_ = std::thread([this] { run(); });
}

condition_watch::~condition_watch()
{
    {
        const std::lock_guard lock(guard_);
        ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

cluster::node_condition condition_watch::seen() const
{
    const std::lock_guard lock(guard_);
    return known_;
}

void condition_watch::certificate_reloaded()
{
    if (how_.tls_cert.empty()) return;
    const auto ends = certificate_end(content_of(how_.tls_cert));
    const std::lock_guard lock(guard_);
    known_.certificate_expires = ends;
}

void condition_watch::run()
{
    std::unique_lock lock(guard_);
    while (!wake_.wait_for(lock, kEvery, [this] { return ending_; })) {
        lock.unlock();
        const auto room = space_for_log(how_.log_file);
        lock.lock();
        known_.disk = room;
    }
}

}  // namespace kieng::node
