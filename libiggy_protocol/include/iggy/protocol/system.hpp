#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/primitives.hpp>

/// Commands about the server and the connections to it, and their answers.
namespace iggy::protocol {

/// Keep-alive; needs no login.
struct ping {
    static constexpr auto code = command_code::ping;
    using response_type = empty_response;

    friend bool operator==(const ping&, const ping&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

/// Hits and misses of the message cache of one partition.
struct cache_metrics {
    stream_id stream{};
    topic_id topic{};
    partition_id partition{};
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    float hit_ratio = 0;

    friend bool operator==(const cache_metrics&, const cache_metrics&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.partition, self.hits, self.misses,
                    self.hit_ratio);
    }
};

/// Figures of the server process and its host.
struct stats {
    std::uint32_t process_id = 0;
    float cpu_usage = 0;        ///< of the process, percent
    float total_cpu_usage = 0;  ///< of the host, percent
    std::uint64_t memory_usage_bytes = 0;
    std::uint64_t total_memory_bytes = 0;
    std::uint64_t available_memory_bytes = 0;
    std::uint64_t run_time_micros = 0;
    timestamp start_time{};
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t messages_size_bytes = 0;
    std::uint32_t streams_count = 0;
    std::uint32_t topics_count = 0;
    std::uint32_t partitions_count = 0;
    std::uint32_t segments_count = 0;
    std::uint64_t messages_count = 0;
    std::uint32_t clients_count = 0;
    std::uint32_t consumer_groups_count = 0;
    std::string hostname{};
    std::string os_name{};
    std::string os_version{};
    std::string kernel_version{};
    std::string server_version{};
    std::uint32_t server_semver = 0;  ///< major * 1,000,000 + minor * 1000 + patch; 0: not given
    std::vector<cache_metrics> caches{};
    std::uint32_t threads_count = 0;
    std::uint64_t free_disk_space_bytes = 0;
    std::uint64_t total_disk_space_bytes = 0;

    friend bool operator==(const stats&, const stats&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.process_id, self.cpu_usage, self.total_cpu_usage, self.memory_usage_bytes,
                    self.total_memory_bytes, self.available_memory_bytes, self.run_time_micros,
                    self.start_time, self.read_bytes, self.written_bytes, self.messages_size_bytes,
                    self.streams_count, self.topics_count, self.partitions_count,
                    self.segments_count, self.messages_count, self.clients_count,
                    self.consumer_groups_count);
        wire.text(self.hostname);
        wire.text(self.os_name);
        wire.text(self.os_version);
        wire.text(self.kernel_version);
        wire.text(self.server_version);
        wire.value(self.server_semver);
        wire.template counted<std::uint32_t>(self.caches);
        wire.values(self.threads_count, self.free_disk_space_bytes, self.total_disk_space_bytes);
    }
};

struct get_stats {
    static constexpr auto code = command_code::get_stats;
    using response_type = stats;

    friend bool operator==(const get_stats&, const get_stats&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

enum class snapshot_compression : std::uint8_t {
    stored = 1,
    deflated = 2,
    bzip2 = 3,
    zstd = 4,
    lzma = 5,
    xz = 6,
};

/// What a snapshot contains; `all` stands alone.
enum class snapshot_type : std::uint8_t {
    filesystem_overview = 1,
    process_list = 2,
    resource_usage = 3,
    test = 4,
    server_logs = 5,
    server_config = 6,
    all = 100,
};

constexpr bool is_known(snapshot_type type) noexcept {
    return type == snapshot_type::all ||
           (type >= snapshot_type::filesystem_overview && type <= snapshot_type::server_config);
}

/// A zip archive, as bytes.
struct snapshot_archive {
    std::vector<std::byte> zip{};

    friend bool operator==(const snapshot_archive&, const snapshot_archive&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.rest(self.zip);
    }
};

/// Asks for a zip archive of what the server knows about itself.
struct get_snapshot {
    static constexpr auto code = command_code::get_snapshot;
    using response_type = snapshot_archive;

    snapshot_compression compression = snapshot_compression::deflated;
    std::vector<snapshot_type> types{};  ///< up to 255

    friend bool operator==(const get_snapshot&, const get_snapshot&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.choice(self.compression, snapshot_compression::stored, snapshot_compression::xz);
        wire.template counted<std::uint8_t>(self.types);
        wire.require(types_fit(self.types));
    }

private:
    static bool types_fit(const std::vector<snapshot_type>& types) noexcept {
        const bool known = std::ranges::all_of(types, [](snapshot_type t) { return is_known(t); });
        const bool all = std::ranges::find(types, snapshot_type::all) != types.end();
        return known && (!all || types.size() == 1);
    }
};

/// Ports of one node, one for each transport.
struct node_endpoints {
    std::uint16_t tcp = 0;
    std::uint16_t quic = 0;
    std::uint16_t http = 0;
    std::uint16_t websocket = 0;

    friend bool operator==(const node_endpoints&, const node_endpoints&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.tcp, self.quic, self.http, self.websocket);
    }
};

struct cluster_node {
    std::string name{};
    std::string ip{};
    node_endpoints endpoints{};
    cluster_role role = cluster_role::leader;
    node_status status = node_status::healthy;

    friend bool operator==(const cluster_node&, const cluster_node&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.text(self.name);
        wire.text(self.ip);
        wire.values(self.endpoints, self.role, self.status);
    }
};

struct cluster_metadata {
    std::string name{};
    std::vector<cluster_node> nodes{};

    friend bool operator==(const cluster_metadata&, const cluster_metadata&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.text(self.name);
        wire.template counted<std::uint32_t>(self.nodes);
    }
};

struct get_cluster_metadata {
    static constexpr auto code = command_code::get_cluster_metadata;
    using response_type = cluster_metadata;

    friend bool operator==(const get_cluster_metadata&, const get_cluster_metadata&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

/// One connection, as lists show it.
struct client_info {
    client_id id{};
    user_id user = no_user;
    transport_kind transport = transport_kind::tcp;
    std::string address{};  ///< ip:port
    std::uint32_t consumer_groups_count = 0;

    friend bool operator==(const client_info&, const client_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.user, self.transport);
        wire.text(self.address);
        wire.value(self.consumer_groups_count);
    }
};

/// A consumer group that a connection has joined.
struct joined_group {
    stream_id stream{};
    topic_id topic{};
    group_id group{};

    friend bool operator==(const joined_group&, const joined_group&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.group);
    }
};

/// One connection and its groups. `info.consumer_groups_count` is the size of `groups`.
struct client_details {
    client_info info{};
    std::vector<joined_group> groups{};

    friend bool operator==(const client_details&, const client_details&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.info);
        wire.exactly(self.info.consumer_groups_count, self.groups);
    }
};

/// The connection that asks.
struct get_me {
    static constexpr auto code = command_code::get_me;
    using response_type = client_details;

    friend bool operator==(const get_me&, const get_me&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

struct get_client {
    static constexpr auto code = command_code::get_client;
    using response_type = std::optional<client_details>;

    client_id client{};

    friend bool operator==(const get_client&, const get_client&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.client);
    }
};

/// All connections, in any order, without their groups.
struct get_clients {
    static constexpr auto code = command_code::get_clients;
    using response_type = std::vector<client_info>;

    friend bool operator==(const get_clients&, const get_clients&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

}  // namespace iggy::protocol
