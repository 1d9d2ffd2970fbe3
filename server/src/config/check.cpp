#include <algorithm>
#include <array>
#include <optional>

#include <iggy/base/duration_text.hpp>
#include <iggy/base/size_text.hpp>

#include <fmt/format.h>

#include "config/codecs.hpp"
#include "config/resolve.hpp"

namespace iggy::server {
namespace {

using faults = std::vector<std::string>;

constexpr std::uint64_t segment_bytes_max = 1ULL << 30U;

void check_memory(const server_config& config, const key_set& set_keys, faults& found) {
    const auto& system = config.system;
    const auto& pool = system.memory_pool;
    if (system.memory.limit < memory_limit_bytes_min && set_keys.contains("system.memory.limit")) {
        found.push_back(fmt::format(
            "system.memory.limit = \"{}\" is less than the minimum {} B (64 MiB); accepted: "
            "\"auto\", or at least \"64 MiB\"",
            format_byte_size_exactly(system.memory.limit), memory_limit_bytes_min));
    }
    if (!pool.enabled) {
        return;
    }
    constexpr std::uint64_t page_bytes = 4096;
    if (pool.size == 0) {
        found.emplace_back(
            "Configured system.memory_pool.enabled is true and system.memory_pool.size is 0");
    } else if (pool.size < memory_limit_bytes_min) {
        found.push_back(fmt::format(
            "Configured system.memory_pool.size {} B ({} MiB) is less than minimum {} B, (64 MiB)",
            pool.size, pool.size >> 20U, memory_limit_bytes_min));
    } else if (pool.size % page_bytes != 0) {
        found.push_back(
            fmt::format("Configured system.memory_pool.size {} B is not a multiple of "
                        "default page size {} B",
                        pool.size, page_bytes));
    }
    const std::uint32_t capacity = pool.bucket_capacity;
    if (capacity < 128) {
        found.push_back(fmt::format(
            "Configured system.memory_pool.buffers {} is less than minimum 128", capacity));
    } else if ((capacity & (capacity - 1)) != 0) {
        found.push_back(
            fmt::format("Configured system.memory_pool.buffers {} is not a power of 2", capacity));
    }
}

void check_services(const server_config& config, faults& found) {
    const auto& messages = config.data_maintenance.messages;
    if (messages.cleaner_enabled && messages.interval.count() == 0) {
        found.emplace_back(
            "data_maintenance.messages.interval cannot be zero when cleaner is enabled");
    }
    if (config.message_saver.enabled && config.message_saver.interval.count() == 0) {
        found.emplace_back(
            "message_saver.interval cannot be zero when message_saver.enabled is true");
    }
    const auto& tokens = config.personal_access_token;
    if (tokens.max_tokens_per_user == 0) {
        found.emplace_back("personal_access_token.max_tokens_per_user cannot be 0");
    }
    if (tokens.cleaner.enabled && tokens.cleaner.interval.count() == 0) {
        found.emplace_back(
            "personal_access_token.cleaner.interval cannot be zero when cleaner is enabled");
    }
}

void check_segments(const server_config& config, faults& found) {
    constexpr std::uint64_t sector_bytes = 512;
    const std::uint64_t size = config.system.segment.size;
    if (size > segment_bytes_max) {
        found.push_back(
            fmt::format("Configured system.segment.size {} B is greater than maximum {} B", size,
                        segment_bytes_max));
    } else if (size % sector_bytes != 0) {
        found.push_back(fmt::format("Configured system.segment.size {} B is not a multiple of {} B",
                                    size, sector_bytes));
    }
}

void check_telemetry(const telemetry_config& telemetry, faults& found) {
    if (!telemetry.enabled) {
        return;
    }
    if (telemetry.service_name.find_first_not_of(" \t") == std::string::npos) {
        found.emplace_back("telemetry.service_name cannot be empty when telemetry is enabled");
    }
    if (telemetry.logs.endpoint.empty()) {
        found.emplace_back("telemetry.logs.endpoint cannot be empty when telemetry is enabled");
    }
    if (telemetry.traces.endpoint.empty()) {
        found.emplace_back("telemetry.traces.endpoint cannot be empty when telemetry is enabled");
    }
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t") == std::string::npos;
}

struct named_port {
    std::string_view transport;
    std::optional<std::uint16_t> number;
};
std::array<named_port, 4> ports_of(const cluster_config::other_node& node) {
    return {named_port{"TCP", node.ports.tcp}, named_port{"QUIC", node.ports.quic},
            named_port{"HTTP", node.ports.http}, named_port{"WebSocket", node.ports.websocket}};
}

void check_cluster(const cluster_config& cluster, faults& found) {
    constexpr std::string_view intro = "Invalid cluster configuration: ";
    const auto fail = [&found, intro](const std::string& what) {
        found.push_back(std::string{intro} + what);
    };
    if (!cluster.enabled) {
        return;
    }
    if (is_blank(cluster.name)) {
        fail("cluster name cannot be empty");
    }
    if (is_blank(cluster.node.current.name)) {
        fail("current node name cannot be empty");
    }
    std::set<std::string, std::less<>> names{cluster.node.current.name};
    std::set<std::string, std::less<>> endpoints;
    for (const auto& node : cluster.node.others) {
        if (!names.insert(node.name).second) {
            fail(fmt::format("duplicate node name '{}' found", node.name));
        }
        if (is_blank(node.name)) {
            fail("node name cannot be empty");
        }
        if (is_blank(node.ip)) {
            fail(fmt::format("IP cannot be empty for node '{}'", node.name));
        }
        for (const auto& [transport, port] : ports_of(node)) {
            if (port == 0) {
                fail(fmt::format("{} port cannot be 0 for node '{}'", transport, node.name));
            }
            if (port &&
                !endpoints.insert(fmt::format("{} {} {}", node.ip, transport, *port)).second) {
                fail(fmt::format("port conflict - {}:{} is already used", node.ip, *port));
            }
        }
    }
}

void check_logging(const logging_config& logging, faults& found) {
    if (logging.level.empty()) {
        found.emplace_back("system.logging.level is supposed be configured");
    }
    if (logging.retention < std::chrono::seconds{1}) {
        found.push_back(
            fmt::format("Configured system.logging.retention {} is less than minimum 1 second",
                        format_duration(logging.retention)));
    }
    if (logging.rotation_check_interval < std::chrono::seconds{1}) {
        found.push_back(fmt::format(
            "Configured system.logging.rotation_check_interval {} is less than minimum 1 second",
            format_duration(logging.rotation_check_interval)));
    }
    if (logging.max_total_size != 0 && logging.max_file_size > logging.max_total_size) {
        found.push_back(fmt::format(
            "Configured system.logging.max_total_size {} is less than "
            "system.logging.max_file_size {}",
            format_byte_size(logging.max_total_size), format_byte_size(logging.max_file_size)));
    }
}

void check_topics(const server_config& config, faults& found) {
    const auto& topic = config.system.topic;
    const std::uint64_t segment = config.system.segment.size;
    if (topic.max_size.is_server_default()) {
        found.emplace_back(
            "system.topic.max_size cannot be ServerDefault in server config; accepted: "
            "\"unlimited\", or a size such as \"10 GiB\"");
    } else if (topic.max_size.raw() < segment) {
        found.push_back(
            fmt::format("system.topic.max_size ({} B) must be >= system.segment.size ({} B)",
                        topic.max_size.raw(), segment));
    }
    if (topic.message_expiry.is_server_default()) {
        found.emplace_back(
            "system.topic.message_expiry cannot be ServerDefault in server config; accepted: "
            "\"none\", or a duration such as \"7days\"");
    }
}

void check_http(const http_config& http, faults& found) {
    if (!http.enabled) {
        return;
    }
    if (http.jwt.access_token_expiry.is_server_default()) {
        found.emplace_back(
            "http.jwt.access_token_expiry cannot be ServerDefault when HTTP is enabled");
    }
    if (http.jwt.algorithm.starts_with("RS")) {
        found.push_back(fmt::format(
            "http.jwt.algorithm = \"{}\" needs a key pair, which cannot be configured; accepted "
            "while HTTP is enabled: \"HS256\", \"HS384\" or \"HS512\"",
            http.jwt.algorithm));
    }
    if (http.tls.enabled && !is_ip_literal(http.address.host)) {
        found.push_back(
            fmt::format("http.address = \"{}\" must be an IP address and a port when "
                        "http.tls.enabled is true",
                        format_address(http.address)));
    }
}

/// Rules of our own keys.
void check_own(const server_config& config, const key_set& set_keys, faults& found) {
    const auto& partition = config.system.partition;
    if (partition.enforce_fsync && partition.durability != iggy::durability::synced) {
        found.push_back(fmt::format(
            "system.partition.durability = {} contradicts system.partition.enforce_fsync = true; "
            "accepted: leave out one of them, or set durability to \"synced\"",
            codec::word<iggy::durability>::print(partition.durability)));
    }
    const std::uint64_t request_max = config.system.memory.limit / 2;
    if (set_keys.contains("tcp.request_bytes_max") && config.tcp.request_bytes_max > request_max &&
        config.system.memory.limit >= memory_limit_bytes_min) {
        found.push_back(
            fmt::format("tcp.request_bytes_max = \"{}\" does not fit the memory limit; "
                        "accepted: at most half of system.memory.limit, \"{}\"",
                        format_byte_size_exactly(config.tcp.request_bytes_max),
                        format_byte_size_exactly(request_max)));
    }
}

/// What promises protection that this version cannot give is refused rather than ignored.
void refuse_unprotected(const server_config& config, faults& found) {
    const auto refuse = [&found](bool asked, std::string_view key, std::string_view risk) {
        if (asked) {
            found.push_back(fmt::format(
                "{} = true is not available in this version, and without it {}; accepted: false",
                key, risk));
        }
    };
    refuse(config.tcp.enabled && config.tcp.tls.enabled, "tcp.tls.enabled",
           "passwords and messages would cross the network unencrypted");
    refuse(config.system.encryption.enabled, "system.encryption.enabled",
           "messages would be stored unencrypted");
}

}  // namespace

std::vector<std::string> check_config(const server_config& config, const key_set& set_keys,
                                      const host_facts& host) {
    faults found;
    check_memory(config, set_keys, found);
    check_services(config, found);
    check_segments(config, found);
    check_telemetry(config.telemetry, found);
    if (const auto cpus = shard_cpus(config.system.sharding.cpu_allocation, host); !cpus) {
        found.push_back(cpus.error().reason);
    }
    check_cluster(config.cluster, found);
    check_logging(config.system.logging, found);
    check_topics(config, found);
    check_http(config.http, found);
    check_own(config, set_keys, found);
    refuse_unprotected(config, found);
    return found;
}

}  // namespace iggy::server
