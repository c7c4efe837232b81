#include "node/platform/telemetry/metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace kieng::telemetry {
namespace {

std::uint64_t count_entries(const char* folder) noexcept
{
    DIR* const open = ::opendir(folder);
    if (!open) return 0;
    std::uint64_t entries = 0;
    while (const dirent* entry = ::readdir(open)) entries += entry->d_name[0] != '.' ? 1 : 0;
    ::closedir(open);
    return entries;
}

std::uint64_t resident_bytes() noexcept
{
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    if (!file) return 0;
    unsigned long long size = 0;
    unsigned long long resident = 0;
    const int read = std::fscanf(file, "%llu %llu", &size, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

double seconds(const timeval& time) noexcept
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

process_figures read_process() noexcept
{
    process_figures out;
    out.resident_bytes = resident_bytes();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    out.open_descriptors = count_entries("/proc/self/fd");
    out.threads = count_entries("/proc/self/task");
    return out;
}

void process_samples(samples& out)
{
    const auto now = read_process();
    out.gauge("process_resident_memory_bytes", "Memory in use.",
              static_cast<double>(now.resident_bytes));
    out.counter("process_cpu_seconds_total", "Processor time used.", now.cpu_seconds);
    out.gauge("process_open_fds", "Open descriptors.", static_cast<double>(now.open_descriptors));
    out.gauge("process_threads", "Threads.", static_cast<double>(now.threads));
}

}  // namespace kieng::telemetry
