#include "stats/process_stats.hpp"

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace iggy::server {

namespace {

std::string read_file(const char* path) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

/// The number after `key` at the start of a line, as in "VmRSS:   1234 kB".
std::uint64_t number_of(std::string_view text, std::string_view key) {
    std::size_t at = text.find(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    at = text.find_first_of("0123456789", at + key.size());
    std::uint64_t number = 0;
    if (at != std::string_view::npos) {
        std::from_chars(text.data() + at, text.data() + text.size(), number);
    }
    return number;
}

/// The value of a line KEY=value or KEY="value".
std::string text_of(std::string_view file, std::string_view key) {
    std::size_t at = file.find(key);
    if (at == std::string_view::npos) {
        return {};
    }
    std::string_view value = file.substr(at + key.size());
    value = value.substr(0, value.find('\n'));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    return std::string{value};
}

constexpr std::uint64_t kib = 1024;

}  // namespace

process_stats::process_stats(std::string data_path)
    : data_path_{std::move(data_path)}, before_{read_cpu_times()} {
    utsname kernel{};
    if (::uname(&kernel) == 0) {
        names_.hostname = kernel.nodename;
        names_.kernel_version = kernel.release;
    }
    const std::string release = "\n" + read_file("/etc/os-release");
    names_.os_name = text_of(release, "\nNAME=");
    names_.os_version = text_of(release, "\nVERSION_ID=");
    if (names_.os_name.empty()) {
        names_.os_name = kernel.sysname;
    }
}

process_figures process_stats::read() {
    process_figures figures;
    const std::string status = read_file("/proc/self/status");
    figures.memory_bytes = number_of(status, "VmRSS:") * kib;
    figures.threads = static_cast<std::uint32_t>(number_of(status, "Threads:"));
    const std::string memory = read_file("/proc/meminfo");
    figures.total_memory_bytes = number_of(memory, "MemTotal:") * kib;
    figures.available_memory_bytes = number_of(memory, "MemAvailable:") * kib;
    const std::string io = read_file("/proc/self/io");
    figures.read_bytes = number_of(io, "\nread_bytes:");
    figures.written_bytes = number_of(io, "\nwrite_bytes:");
    struct statvfs disk{};
    if (::statvfs(data_path_.c_str(), &disk) == 0) {
        figures.free_disk_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
        figures.total_disk_bytes = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    }

    const cpu_times now = read_cpu_times();
    const std::lock_guard lock{mutex_};
    if (now.all > before_.all) {
        const auto elapsed = static_cast<float>(now.all - before_.all);
        const auto cores = static_cast<float>(::sysconf(_SC_NPROCESSORS_ONLN));
        figures.cpu_percent =
            100.0F * cores * static_cast<float>(now.process - before_.process) / elapsed;
        figures.total_cpu_percent = 100.0F * static_cast<float>(now.busy - before_.busy) / elapsed;
        before_ = now;
    }
    return figures;
}

process_stats::cpu_times process_stats::read_cpu_times() {
    cpu_times times;
    std::istringstream host{read_file("/proc/stat")};
    std::string label;
    host >> label;  // "cpu", then user nice system idle iowait irq softirq steal
    std::array<std::uint64_t, 8> fields{};
    for (auto& field : fields) {
        host >> field;
        times.all += field;
    }
    times.busy = times.all - fields[3] - fields[4];

    const std::string own = read_file("/proc/self/stat");
    std::istringstream process{own.substr(own.rfind(')') + 1)};  // the name may hold anything
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        process >> skipped;
    }
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    process >> user >> system;
    times.process = user + system;
    return times;
}

}  // namespace iggy::server
