#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/text_error.hpp>

#include "config/host_facts.hpp"

namespace iggy::server {

/// How many shards there are and on which CPUs: `system.sharding.cpu_allocation`.
struct cpu_allocation {
    enum class form : std::uint8_t { all, count, range, numa };

    form kind = form::all;
    std::uint32_t count = 0;                  ///< for `count`: CPUs 0 … count-1
    std::uint32_t first = 0;                  ///< for `range`: the first CPU
    std::uint32_t end = 0;                    ///< for `range`: one past the last CPU
    std::vector<std::uint32_t> numa_nodes{};  ///< for `numa`: the nodes; empty means all
    std::uint32_t numa_cores = 0;             ///< for `numa`: CPUs of each node; 0 means all
    bool numa_no_ht = true;                   ///< for `numa`: one CPU of each physical core

    friend bool operator==(const cpu_allocation&, const cpu_allocation&) = default;
};

/// What `parse_cpu_allocation` accepts, for error messages.
inline constexpr std::string_view cpu_allocation_form =
    "\"all\", a number of CPUs, a range \"A..B\" (B excluded), \"numa:auto\", or "
    "\"numa:nodes=0,1;cores=4;no_ht=true\"";

/// Reads `all`, `N`, `A..B`, `numa:auto` and `numa:key=value;…`; letter case and blanks count.
/// The numbers are not compared with the machine: `shard_cpus` does that.
text_result<cpu_allocation> parse_cpu_allocation(std::string_view text);

/// The text of an allocation; `parse_cpu_allocation` reads it back.
std::string format_cpu_allocation(const cpu_allocation& allocation);

/// The CPUs of the shards, shard i on the i-th one. The memory nodes of NUMA are not looked at: a
/// `numa:` form takes the physical cores of the whole machine (`cores` of them for each node
/// named). Errors: more CPUs than there are, in the words of Apache Iggy.
text_result<std::vector<std::uint32_t>> shard_cpus(const cpu_allocation& allocation,
                                                   const host_facts& host);

}  // namespace iggy::server
