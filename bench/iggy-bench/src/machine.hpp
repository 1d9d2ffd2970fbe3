#pragma once

#include <cstdint>
#include <string>

namespace iggy::bench {

/// The machine that this program runs on, as reports describe it.
struct machine {
    std::string host_name;
    std::string cpu_name;
    std::uint32_t cpu_cores = 0;  ///< logical
    std::uint64_t memory_mib = 0;
    std::string os_name;
    std::string kernel_version;
};
machine describe_machine();

/// As servers on this machine name it in their statistics.
std::string host_name();

/// A random UUID (version 4).
std::string new_uuid();
/// Now, as RFC 3339 in UTC.
std::string utc_now();

}  // namespace iggy::bench
