#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "failure.hpp"
#include "latency_histogram.hpp"

/// What memory and disk of this machine do at best, each measured for a bounded time.
namespace iggy::bench {

/// Bytes per second of one thread.
struct memory_figures {
    double cached_copy = 0;    ///< 1 MiB again and again
    double uncached_copy = 0;  ///< through more than the caches hold
};
memory_figures probe_memory(std::chrono::nanoseconds each);

struct disk_figures {
    double append = 0;           ///< bytes per second into the page cache, new file, 1 MiB a call
    double append_and_sync = 0;  ///< bytes per second, on stable storage at the end
    double cached_read = 0;      ///< bytes per second of what was just written
    latency_histogram sync_of_append;     ///< each after 4 KiB more at the end of a file
    latency_histogram sync_of_overwrite;  ///< each after 4 KiB over blocks that were there
};
/// In a file in `place` that is gone afterwards; at most 1 GiB. Errors: those of the system.
result<disk_figures> probe_disk(const std::string& place, std::chrono::nanoseconds each);

}  // namespace iggy::bench
