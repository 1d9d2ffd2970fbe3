#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/host_facts.hpp"
#include "config/server_config.hpp"

namespace iggy::server {

/// The least `system.memory.limit` that the server works with.
inline constexpr std::uint64_t memory_limit_bytes_min = 64ULL << 20U;

/// Paths of the keys that were set by somebody, as opposed to left to their defaults.
using key_set = std::set<std::string, std::less<>>;

/// Completes what follows from other keys or from the machine: the memory limit, the durability
/// that `enforce_fsync` asks for, the largest request. Contradictions are left to `check_config`.
void resolve_config(server_config& config, const key_set& set_keys, const host_facts& host);

/// The faults of a decoded and resolved configuration, one line each, in the order and, where it
/// has the rule, in the words of Apache Iggy. Empty when the server can start with it.
std::vector<std::string> check_config(const server_config& config, const key_set& set_keys,
                                      const host_facts& host);

/// Warnings about keys that were changed and have no effect in this version.
std::vector<std::string> warn_about(const server_config& config, const key_set& set_keys);

}  // namespace iggy::server
