#include "config/host_facts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace iggy::server {
namespace {

std::optional<std::uint64_t> read_number(const std::string& path) {
    std::ifstream file{path};
    std::uint64_t number = 0;
    if (file >> number) {
        return number;
    }
    return std::nullopt;
}

std::vector<std::uint32_t> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<std::uint32_t> cpus;
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set)) {
                cpus.push_back(cpu);
            }
        }
    }
    if (cpus.empty()) {
        cpus.push_back(0);
    }
    return cpus;
}

std::vector<std::uint32_t> one_for_each_core(const std::vector<std::uint32_t>& cpus) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    std::vector<std::uint32_t> firsts;
    for (const std::uint32_t cpu : cpus) {
        const std::string topology =
            "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
        const auto package = read_number(topology + "physical_package_id");
        const auto core = read_number(topology + "core_id");
        if (!package || !core || seen.emplace(*package, *core).second) {
            firsts.push_back(cpu);
        }
    }
    return firsts;
}

std::uint64_t usable_memory() {
    constexpr std::uint64_t unknown = 1ULL << 30U;
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_bytes = ::sysconf(_SC_PAGESIZE);
    std::uint64_t bytes = unknown;
    if (pages > 0 && page_bytes > 0) {
        bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
    }
    for (const char* limit : {"/sys/fs/cgroup/memory.max",  // version 2; "max" is no number
                              "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        bytes = std::min(bytes, read_number(limit).value_or(bytes));
    }
    return bytes;
}

}  // namespace

host_facts this_host() {
    host_facts host;
    host.cpus = allowed_cpus();
    host.first_cpus = one_for_each_core(host.cpus);
    host.memory_bytes = usable_memory();
    return host;
}

}  // namespace iggy::server
