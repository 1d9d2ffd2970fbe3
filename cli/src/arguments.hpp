#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <iggy/base/expiry_text.hpp>
#include <iggy/base/topic_size_text.hpp>
#include <iggy/protocol/primitives.hpp>
#include <iggy/protocol/user_headers.hpp>

/// What a command line says, parsed and checked, free of the library that parsed it.
namespace iggy::cli {

enum class list_mode : std::uint8_t { table, list };
enum class stats_format : std::uint8_t { table, list, json, toml };

/// An identifier and the text that the user typed for it, which outputs repeat.
struct named {
    std::string text;
    protocol::identifier id;
};

/// A topic and the stream it is in.
struct place {
    named stream;
    named topic;
};

/// Connection and login, before the active context and the defaults are merged in.
struct connection_arguments {
    std::optional<std::string> transport;
    std::optional<std::string> tcp_server_address;
    std::optional<std::uint32_t> tcp_retries;
    std::optional<std::chrono::milliseconds> tcp_retry_interval;
    bool tcp_tls = false;
    std::optional<std::string> encryption_key;
    std::optional<std::string> username;
    std::optional<std::string> password;
    std::optional<std::string> token;
    std::optional<std::string> token_name;
};

// Commands without arguments of their own, and those about the server.
struct ping_command {
    std::uint32_t count = 1;
};
struct me_command {};
struct stats_command {
    stats_format format = stats_format::table;
};
struct cluster_metadata_command {
    list_mode mode = list_mode::table;
};
struct client_get_command {
    std::uint32_t id = 0;
};
struct client_list_command {
    list_mode mode = list_mode::table;
};

struct stream_create_command {
    std::string name;
};
struct stream_update_command {
    named stream;
    std::string name;
};
struct stream_delete_command {
    named stream;
};
struct stream_get_command {
    named stream;
};
struct stream_list_command {
    list_mode mode = list_mode::table;
};
struct stream_purge_command {
    named stream;
};

/// What create and update set.
struct topic_settings {
    std::string name;
    protocol::compression_algorithm compression = protocol::compression_algorithm::none;
    expiry message_expiry;
    topic_size max_size;
    std::uint8_t replication_factor = 1;
};
struct topic_create_command {
    named stream;
    std::uint32_t partitions_count = 1;
    topic_settings settings;
};
struct topic_update_command {
    place at;
    topic_settings settings;
};
struct topic_delete_command {
    place at;
};
struct topic_get_command {
    place at;
};
struct topic_list_command {
    named stream;
    list_mode mode = list_mode::table;
};
struct topic_purge_command {
    place at;
};

struct partition_create_command {
    place at;
    std::uint32_t count = 1;
};
struct partition_delete_command {
    place at;
    std::uint32_t count = 1;
};
struct segment_delete_command {
    place at;
    std::uint32_t partition = 0;
    std::uint32_t count = 1;
};

struct message_send_command {
    place at;
    std::optional<std::uint32_t> partition;
    std::optional<std::string> key;
    std::vector<protocol::user_header> headers;  ///< of every message
    std::optional<std::string> input_file;
    std::vector<std::string> messages;
};
struct message_poll_command {
    place at;
    std::uint32_t partition = 0;
    protocol::polling_strategy strategy;
    std::uint32_t count = 1;
    bool auto_commit = false;
    named consumer;
    bool show_headers = false;
    std::optional<std::string> output_file;
};
struct message_flush_command {
    place at;
    std::uint32_t partition = 0;
    bool fsync = false;
};

struct offset_place {
    protocol::consumer_kind kind = protocol::consumer_kind::consumer;
    named consumer;
    place at;
    std::uint32_t partition = 0;
};
struct offset_get_command {
    offset_place of;
};
struct offset_set_command {
    offset_place of;
    std::uint64_t offset = 0;
};

/// A context is a named set of connection options, kept in a file.
struct context_list_command {
    list_mode mode = list_mode::table;
};
struct context_use_command {
    std::string name;
};
struct context_create_command {
    std::string name;
    std::optional<std::string> transport;
    std::optional<std::string> tcp_server_address;
    std::optional<std::string> http_api_url;
    std::optional<std::string> quic_server_address;
    std::optional<bool> tcp_tls_enabled;
    std::optional<std::string> username;
    std::optional<std::string> password;
    std::optional<std::string> token;
    std::optional<std::string> token_name;
};
struct context_delete_command {
    std::string name;
};

/// `iggy server ...`: everything after the word belongs to `iggy-server`.
struct server_command {
    std::vector<std::string> arguments;
};

/// No command: the overview is printed.
struct no_command {};

using any_command = std::variant<
    no_command, server_command, ping_command, me_command, stats_command, cluster_metadata_command,
    client_get_command, client_list_command, stream_create_command, stream_update_command,
    stream_delete_command, stream_get_command, stream_list_command, stream_purge_command,
    topic_create_command, topic_update_command, topic_delete_command, topic_get_command,
    topic_list_command, topic_purge_command, partition_create_command, partition_delete_command,
    segment_delete_command, message_send_command, message_poll_command, message_flush_command,
    offset_get_command, offset_set_command, context_list_command, context_use_command,
    context_create_command, context_delete_command>;

struct arguments {
    connection_arguments connection;
    bool quiet = false;
    std::optional<std::string> debug_file;
    std::optional<std::string> completions_shell;
    any_command command;
};

}  // namespace iggy::cli
