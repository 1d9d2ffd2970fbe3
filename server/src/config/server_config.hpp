#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/expiry_text.hpp>
#include <iggy/base/topic_size_text.hpp>
#include <iggy/storage/options.hpp>

#include "config/cpu_allocation.hpp"
#include "config/listen_address.hpp"

namespace iggy::server {

// The configuration of the server as plain values. Paths of members are paths of keys:
// `system.segment.size` is `config.system.segment.size`. Meaning, default and status of each key
// stand in `schema.cpp` only; a default-constructed struct holds no defaults, `default_config()`
// does.

using duration = std::chrono::nanoseconds;

/// How files are read and written: `system.io.engine`.
enum class io_engine : std::uint8_t { automatic, io_uring, portable };
/// Which indexes stay in memory: `system.segment.cache_indexes`.
enum class index_caching : std::uint8_t { all, open_segment, none };
enum class telemetry_transport : std::uint8_t { grpc, http };
enum class compression_algorithm : std::uint8_t { none, gzip };

struct consumer_group_config {
    duration rebalancing_timeout{};
    duration rebalancing_check_interval{};
};

/// A cleaner that runs every `interval`.
struct cleaner_config {
    bool enabled{};
    duration interval{};
};

struct data_maintenance_config {
    struct messages_config {
        bool cleaner_enabled{};
        duration interval{};
    } messages;
};

/// Where a certificate comes from.
struct certificate_config {
    bool self_signed{};
    std::string cert_file;
    std::string key_file;
};

struct tls_config : certificate_config {
    bool enabled{};
};

struct trusted_issuer {
    std::string issuer;
    std::string audience;
    std::string jwks_url;
    std::uint32_t user_id{};
    friend bool operator==(const trusted_issuer&, const trusted_issuer&) = default;
};

struct http_config {
    struct cors_config {
        bool enabled{};
        std::vector<std::string> allowed_methods;
        std::vector<std::string> allowed_origins;
        std::vector<std::string> allowed_headers;
        std::vector<std::string> exposed_headers;
        bool allow_credentials{};
        bool allow_private_network{};
    };
    struct jwt_config {
        std::string algorithm;
        std::string issuer;
        std::string audience;
        std::vector<std::string> valid_issuers;
        std::vector<std::string> valid_audiences;
        expiry access_token_expiry;
        duration clock_skew{};
        duration not_before{};
        std::string encoding_secret;
        std::string decoding_secret;
        bool use_base64_secret{};
        std::vector<trusted_issuer> trusted_issuers;
    };
    struct metrics_config {
        bool enabled{};
        std::string endpoint;
    };
    struct http_tls_config {
        bool enabled{};
        std::string cert_file;
        std::string key_file;
    };

    bool enabled{};
    listen_address address;
    std::uint64_t max_request_size{};
    bool web_ui{};
    cors_config cors;
    jwt_config jwt;
    metrics_config metrics;
    http_tls_config tls;
};

/// Socket options; they apply only with `override_defaults`.
struct socket_config {
    bool override_defaults{};
    std::uint64_t recv_buffer_size{};
    std::uint64_t send_buffer_size{};
    bool keepalive{};
};

struct tcp_config {
    struct tcp_socket_config : socket_config {
        bool nodelay{};
        duration linger{};
    };

    bool enabled{};
    listen_address address;
    bool ipv6{};
    bool socket_migration{};
    std::uint64_t request_bytes_max{};
    tls_config tls;
    tcp_socket_config socket;
};

struct quic_config {
    bool enabled{};
    listen_address address;
    std::uint64_t max_concurrent_bidi_streams{};
    std::uint64_t datagram_send_buffer_size{};
    std::uint64_t initial_mtu{};
    std::uint64_t send_window{};
    std::uint64_t receive_window{};
    duration keep_alive_interval{};
    duration max_idle_timeout{};
    certificate_config certificate;
    socket_config socket;
};

struct websocket_config {
    bool enabled{};
    listen_address address;
    // Nothing, or 0: the default of the WebSocket implementation.
    std::optional<std::uint64_t> read_buffer_size;
    std::optional<std::uint64_t> write_buffer_size;
    std::optional<std::uint64_t> max_write_buffer_size;
    std::optional<std::uint64_t> max_message_size;
    std::optional<std::uint64_t> max_frame_size;
    bool accept_unmasked_frames{};
    tls_config tls;
};

struct message_saver_config {
    bool enabled{};
    bool enforce_fsync{};
    duration interval{};
};

struct personal_access_token_config {
    std::uint32_t max_tokens_per_user{};
    cleaner_config cleaner;
};

struct heartbeat_config {
    bool enabled{};
    duration interval{};
};

struct telemetry_config {
    struct signal_config {
        telemetry_transport transport{};
        std::string endpoint;
    };

    bool enabled{};
    std::string service_name;
    signal_config logs;
    signal_config traces;
};

struct logging_config {
    std::string path;
    std::string level;
    bool file_enabled{};
    std::uint64_t max_file_size{};
    std::uint64_t max_total_size{};
    duration rotation_check_interval{};
    duration retention{};
    duration sysinfo_print_interval{};
};

struct partition_config {
    std::string path;
    iggy::durability durability{};
    std::uint32_t messages_required_to_save{};
    std::uint64_t size_of_messages_required_to_save{};
    bool enforce_fsync{};
    bool validate_checksum{};
};

struct system_config {
    std::string path;
    struct {
        std::string path;
        struct {
            std::string path;
        } compatibility;
    } backup;
    struct {
        bool enforce_fsync{};
        std::uint32_t max_file_operation_retries{};
        duration retry_delay{};
    } state;
    struct {
        std::string path;
    } runtime;
    logging_config logging;
    struct {
        std::string path;
    } stream;
    struct {
        std::string path;
        topic_size max_size;
        expiry message_expiry;
    } topic;
    partition_config partition;
    struct {
        std::uint64_t size{};
        index_caching cache_indexes{};
        bool archive_expired{};
    } segment;
    struct {
        bool enabled{};
        std::string key;
    } encryption;
    struct {
        bool allow_override{};
        compression_algorithm default_algorithm{};
    } compression;
    struct {
        bool enabled{};
        std::uint64_t max_entries{};
        duration expiry{};
    } message_deduplication;
    struct {
        bool recreate_missing_state{};
    } recovery;
    struct {
        std::uint64_t limit{};  ///< bytes; never 0 in a loaded configuration
    } memory;
    struct {
        bool enabled{};
        std::uint64_t size{};
        std::uint32_t bucket_capacity{};
    } memory_pool;
    struct {
        io_engine engine{};
    } io;
    struct {
        server::cpu_allocation cpu_allocation;
    } sharding;
};

struct cluster_config {
    /// Nothing: the port of this node's own configuration.
    struct node_ports {
        std::optional<std::uint16_t> tcp;
        std::optional<std::uint16_t> quic;
        std::optional<std::uint16_t> http;
        std::optional<std::uint16_t> websocket;
        friend bool operator==(const node_ports&, const node_ports&) = default;
    };
    struct other_node {
        std::string name;
        std::string ip;
        node_ports ports;
        friend bool operator==(const other_node&, const other_node&) = default;
    };

    bool enabled{};
    std::string name;
    struct {
        struct {
            std::string name;
            std::string ip;
        } current;
        std::vector<other_node> others;
    } node;
};

struct server_config {
    consumer_group_config consumer_group;
    data_maintenance_config data_maintenance;
    http_config http;
    tcp_config tcp;
    quic_config quic;
    websocket_config websocket;
    message_saver_config message_saver;
    personal_access_token_config personal_access_token;
    heartbeat_config heartbeat;
    telemetry_config telemetry;
    system_config system;
    cluster_config cluster;
};

}  // namespace iggy::server
