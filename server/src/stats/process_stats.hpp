#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include <iggy/base/time.hpp>

namespace iggy::server {

/// What the operating system says about this process and its host. A figure that cannot be read is
/// 0.
struct process_figures {
    float cpu_percent = 0;        ///< of this process since the call before; 100 is one core
    float total_cpu_percent = 0;  ///< of the host since the call before
    std::uint64_t memory_bytes = 0;
    std::uint64_t total_memory_bytes = 0;
    std::uint64_t available_memory_bytes = 0;
    std::uint64_t read_bytes = 0;  ///< from devices, over the life of the process
    std::uint64_t written_bytes = 0;
    std::uint32_t threads = 0;
    std::uint64_t free_disk_bytes = 0;
    std::uint64_t total_disk_bytes = 0;
};

/// Names of the host and its system.
struct host_names {
    std::string hostname;
    std::string os_name;
    std::string os_version;
    std::string kernel_version;
};

/// Reads /proc and the file system below the data directory. Thread-safe; blocks for microseconds.
class process_stats {
public:
    explicit process_stats(std::string data_path);

    process_figures read();
    const host_names& names() const noexcept { return names_; }

private:
    struct cpu_times {
        std::uint64_t process = 0;  // clock ticks
        std::uint64_t busy = 0;
        std::uint64_t all = 0;
    };
    static cpu_times read_cpu_times();

    std::string data_path_;
    host_names names_;
    std::mutex mutex_;
    cpu_times before_;
};

}  // namespace iggy::server
