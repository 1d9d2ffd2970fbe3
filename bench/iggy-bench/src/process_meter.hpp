#pragma once

#include <sys/types.h>

#include <ctime>

#include <cstdint>
#include <optional>

namespace iggy::bench {

/// Processor time that this process has used so far.
double own_cpu_seconds();

/// Looks at another process of this machine.
class process_meter {
public:
    /// Nothing when there is no such process.
    static std::optional<process_meter> of(pid_t pid);

    /// Processor time of all its threads so far, those that ended included.
    double cpu_seconds() const;
    /// The most memory that it ever held; 0 when that cannot be read.
    std::uint64_t peak_memory_bytes() const;
    /// Waits until it does nothing any more, a few seconds at most: a server may have syncs and
    /// write-backs to do after its last answer.
    void come_to_rest() const;

private:
    process_meter(pid_t pid, clockid_t cpu_clock) noexcept : pid_{pid}, cpu_clock_{cpu_clock} {}

    pid_t pid_;
    clockid_t cpu_clock_;
};

}  // namespace iggy::bench
