#include "config/resolve.hpp"

#include <algorithm>

#include <iggy/base/size_text.hpp>

#include "config/codecs.hpp"
#include "config/load.hpp"
#include "config/schema.hpp"

namespace iggy::server {
namespace {

constexpr std::uint64_t default_limit_bytes_max = 4ULL << 30U;

std::uint64_t resolved_limit(const server_config& config, const key_set& set_keys,
                             const host_facts& host) {
    if (config.system.memory.limit != 0) {
        return config.system.memory.limit;
    }
    if (config.system.memory_pool.enabled && set_keys.contains("system.memory_pool.size")) {
        return config.system.memory_pool.size;
    }
    return std::clamp(host.memory_bytes / 4, memory_limit_bytes_min, default_limit_bytes_max);
}

}  // namespace

void resolve_config(server_config& config, const key_set& set_keys, const host_facts& host) {
    config.system.memory.limit = resolved_limit(config, set_keys, host);
    if (config.system.partition.enforce_fsync &&
        !set_keys.contains("system.partition.durability")) {
        config.system.partition.durability = iggy::durability::synced;
    }
    if (!set_keys.contains("tcp.request_bytes_max")) {
        config.tcp.request_bytes_max =
            std::min(config.tcp.request_bytes_max, config.system.memory.limit / 2);
    }
}

std::vector<std::string> warn_about(const server_config& config, const key_set& set_keys) {
    const server_config defaults = default_config();
    std::vector<std::string> warnings;
    for (const config_key& key : config_keys()) {
        if (key.status == key_status::used || !set_keys.contains(key.path) ||
            key.print(config) == key.print(defaults)) {
            continue;
        }
        const std::string shown = key.secret ? "******" : key.print(config);
        warnings.push_back(std::string{key.path} + " = " + shown +
                           (key.status == key_status::planned
                                ? " has no effect yet in this version"
                                : " has no effect, as in Apache Iggy"));
    }
    return warnings;
}

}  // namespace iggy::server
