#pragma once

#include <cstdint>
#include <vector>

namespace iggy::server {

/// What the configuration needs to know of the machine; tests make their own.
struct host_facts {
    std::vector<std::uint32_t> cpus;        ///< CPUs this process may run on, ascending
    std::vector<std::uint32_t> first_cpus;  ///< of those, the first one of each physical core
    std::uint64_t memory_bytes = 0;         ///< RAM, or less when a control group allows less
};

/// The machine this process runs on. What cannot be found out is answered carefully: one CPU, 1
/// GiB.
host_facts this_host();

}  // namespace iggy::server
