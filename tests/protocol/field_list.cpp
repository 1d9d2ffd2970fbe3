#include "protocol/field_list.hpp"

#include <algorithm>

using namespace iggy::protocol;

void field_list::add(const std::string& name, const identifier& id) {
    add(name + ".kind", id.is_number() ? 1 : 2);
    if (id.is_number()) {
        add(name, id.number());
    } else {
        add(name, std::string{id.name()});
    }
}

namespace {

void list_permissions(field_list& out, const std::optional<permissions>& given) {
    if (!given) {
        return;
    }
    out.add("has_permissions", 1);
    out.nested("permissions.global.", [&] {
        const global_permissions& global = given->global;
        out.add("manage_servers", global.manage_servers);
        out.add("read_servers", global.read_servers);
        out.add("manage_users", global.manage_users);
        out.add("read_users", global.read_users);
        out.add("manage_streams", global.manage_streams);
        out.add("read_streams", global.read_streams);
        out.add("manage_topics", global.manage_topics);
        out.add("read_topics", global.read_topics);
        out.add("poll_messages", global.poll_messages);
        out.add("send_messages", global.send_messages);
    });
    out.add("permissions.has_streams", !given->streams.empty());
    out.items("permissions.streams", given->streams, [&](const stream_permissions& stream) {
        out.add("stream_id", stream.stream);
        out.add("manage_stream", stream.manage_stream);
        out.add("read_stream", stream.read_stream);
        out.add("manage_topics", stream.manage_topics);
        out.add("read_topics", stream.read_topics);
        out.add("poll_messages", stream.poll_messages);
        out.add("send_messages", stream.send_messages);
        out.add("has_topics", !stream.topics.empty());
        out.add("has_next", &stream != &given->streams.back());
        out.items("topics", stream.topics, [&](const topic_permissions& topic) {
            out.add("topic_id", topic.topic);
            out.add("manage_topic", topic.manage_topic);
            out.add("read_topic", topic.read_topic);
            out.add("poll_messages", topic.poll_messages);
            out.add("send_messages", topic.send_messages);
            out.add("has_next", &topic != &stream.topics.back());
        });
    });
}

// The parts that requests share, told apart by member.
template <class Request>
void list_places(field_list& out, const Request& request) {
    if constexpr (requires { request.consumer; }) {
        out.add("consumer.type", request.consumer.kind);
        out.add("consumer", request.consumer.id);
    }
    if constexpr (requires { request.stream; }) {
        out.add("stream_id", request.stream);
    }
    if constexpr (requires { request.topic; }) {
        out.add("topic_id", request.topic);
    }
    if constexpr (requires { request.group; }) {
        out.add("group_id", request.group);
    }
    if constexpr (requires { request.user; }) {
        out.add("user_id", request.user);
    }
    if constexpr (requires { request.client; }) {
        out.add("client_id", request.client);
    }
    if constexpr (requires { request.partition.has_value(); }) {
        out.add("partition_id.present", request.partition.has_value());
        out.add("partition_id", request.partition.value_or(iggy::partition_id{}));
    } else if constexpr (requires { request.partition; }) {
        out.add("partition_id", request.partition);
    }
}

template <class Request>
void list_texts(field_list& out, const Request& request) {
    if constexpr (requires { request.name; }) {
        out.add("name", request.name);
    }
    if constexpr (requires { request.token; }) {
        out.add("token", request.token);
    }
    if constexpr (requires { request.password; }) {
        out.add("username", request.username);
        out.add("password", request.password);
    }
    if constexpr (requires { request.version; }) {
        out.add("version", request.version);
        out.add("context", request.context);
    }
    if constexpr (requires { request.new_password; }) {
        out.add("current_password", request.current_password);
        out.add("new_password", request.new_password);
    }
}

template <class Topic>
void list_topic_settings(field_list& out, const Topic& topic) {
    out.add("compression_algorithm", topic.compression);
    out.add("message_expiry", topic.expiry);
    out.add("max_topic_size", topic.max_size);
    out.add("replication_factor", topic.replication_factor);
}

template <class Request>
void list_own(field_list&, const Request&) {}

void list_own(field_list& out, const get_snapshot& request) {
    out.add("compression", request.compression);
    out.add("types_count", request.types.size());
    for (std::size_t i = 0; i < request.types.size(); ++i) {
        out.add("types[" + std::to_string(i) + "]", request.types[i]);
    }
}
void list_own(field_list& out, const create_user& request) {
    out.add("status", request.status);
    out.add("has_permissions", request.permissions.has_value());
    list_permissions(out, request.permissions);
}
void list_own(field_list& out, const update_user& request) {
    out.add("has_username", request.username.has_value());
    out.add("username", request.username.value_or(""));
    out.add("has_status", request.status.has_value());
    if (request.status) {
        out.add("status", *request.status);
    }
}
void list_own(field_list& out, const update_permissions& request) {
    out.add("has_permissions", request.permissions.has_value());
    list_permissions(out, request.permissions);
}
void list_own(field_list& out, const create_personal_access_token& request) {
    out.add("expiry", request.expiry);
}
void list_own(field_list& out, const create_topic& request) {
    out.add("partitions_count", request.partitions_count);
    list_topic_settings(out, request);
}
void list_own(field_list& out, const update_topic& request) { list_topic_settings(out, request); }
void list_own(field_list& out, const create_partitions& request) {
    out.add("partitions_count", request.count);
}
void list_own(field_list& out, const delete_partitions& request) {
    out.add("partitions_count", request.count);
}
void list_own(field_list& out, const delete_segments& request) {
    out.add("segments_count", request.count);
}
void list_own(field_list& out, const poll_messages& request) {
    out.add("strategy.kind", request.strategy.kind);
    out.add("strategy.value", request.strategy.value);
    out.add("count", request.count);
    out.add("auto_commit", request.auto_commit);
}
void list_own(field_list& out, const flush_unsaved_buffer& request) {
    out.add("fsync", request.fsync);
}
void list_own(field_list& out, const store_consumer_offset& request) {
    out.add("offset", request.offset);
}

std::string hex(iggy::byte_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        text += digits[static_cast<std::size_t>(byte >> 4)];
        text += digits[static_cast<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

// A 128-bit little-endian number in decimal, by long division.
std::string decimal(iggy::message_id id) {
    std::string digits;
    while (std::ranges::any_of(id, [](std::byte byte) { return byte != std::byte{0}; })) {
        unsigned remainder = 0;
        for (std::size_t i = id.size(); i-- > 0;) {
            const unsigned value = remainder * 256 + static_cast<unsigned>(id[i]);
            id[i] = static_cast<std::byte>(value / 10);
            remainder = value % 10;
        }
        digits.insert(digits.begin(), static_cast<char>('0' + remainder));
    }
    return digits.empty() ? "0" : digits;
}

void list_header_field(field_list& out, const std::string& name, const header_field& field) {
    out.add(name + ".kind", field.kind());
    out.add(name, field.as_text() ? std::string{*field.as_text()} : hex(field.bytes()));
}

void list_messages(field_list& out, iggy::byte_view bytes) {
    out.items("messages", iggy::message_range{bytes}, [&](iggy::message_view message) {
        out.add("checksum", message.checksum());
        out.add("id", decimal(message.id()));
        out.add("offset", message.offset());
        out.add("timestamp", message.timestamp());
        out.add("origin_timestamp", message.origin_timestamp());
        out.add("user_headers_length", message.user_headers().size());
        out.add("payload_length", message.payload().size());
        out.add("reserved", 0);
        out.add("payload", std::string{message.text()});
        const auto headers = decode_user_headers(message.user_headers()).value();
        out.items("user_headers", headers, [&](const user_header& header) {
            list_header_field(out, "key", header.key);
            list_header_field(out, "value", header.value);
        });
    });
}

identifier owned(identifier_view id) {
    return id.is_number() ? identifier::from_number(id.number()) : identifier{id.name()};
}

void list_client(field_list& out, const client_info& client) {
    out.add("client_id", client.id);
    out.add("user_id", client.user);
    out.add("transport", client.transport);
    out.add("address", client.address);
    out.add("consumer_groups_count", client.consumer_groups_count);
}

void list_user(field_list& out, const user_info& user) {
    out.add("id", user.id);
    out.add("created_at", user.created_at);
    out.add("status", user.status);
    out.add("username", user.username);
}

}  // namespace

void list(field_list& out, const any_request& request) {
    std::visit(
        [&](const auto& held) {
            list_places(out, held);
            list_texts(out, held);
            list_own(out, held);
        },
        request);
}

void list(field_list& out, const received_messages& send) {
    out.add("stream_id", owned(send.stream));
    out.add("topic_id", owned(send.topic));
    out.add("partitioning.kind", send.partitioning.kind);
    if (send.partitioning.kind == partitioning_kind::partition) {
        out.add("partitioning.partition_id", send.partitioning.partition);
    }
    out.add("partitioning.key", std::string{iggy::as_text(send.partitioning.key)});
    out.add("messages_count", send.count);
    list_messages(out, send.messages);
}

void list(field_list&, const empty_response&) {}

void list(field_list& out, const stats& response) {
    out.add("process_id", response.process_id);
    out.add("cpu_usage", response.cpu_usage);
    out.add("total_cpu_usage", response.total_cpu_usage);
    out.add("memory_usage", response.memory_usage_bytes);
    out.add("total_memory", response.total_memory_bytes);
    out.add("available_memory", response.available_memory_bytes);
    out.add("run_time", response.run_time_micros);
    out.add("start_time", response.start_time);
    out.add("read_bytes", response.read_bytes);
    out.add("written_bytes", response.written_bytes);
    out.add("messages_size_bytes", response.messages_size_bytes);
    out.add("streams_count", response.streams_count);
    out.add("topics_count", response.topics_count);
    out.add("partitions_count", response.partitions_count);
    out.add("segments_count", response.segments_count);
    out.add("messages_count", response.messages_count);
    out.add("clients_count", response.clients_count);
    out.add("consumer_groups_count", response.consumer_groups_count);
    out.add("hostname", response.hostname);
    out.add("os_name", response.os_name);
    out.add("os_version", response.os_version);
    out.add("kernel_version", response.kernel_version);
    out.add("iggy_server_version", response.server_version);
    out.add("iggy_server_semver", response.server_semver);
    out.add("cache_metrics_count", response.caches.size());
    out.add("threads_count", response.threads_count);
    out.add("free_disk_space", response.free_disk_space_bytes);
    out.add("total_disk_space", response.total_disk_space_bytes);
}

void list(field_list& out, const snapshot_archive& response) { out.add("zip", hex(response.zip)); }

void list(field_list& out, const cluster_metadata& response) {
    out.add("name", response.name);
    out.add("nodes_count", response.nodes.size());
    out.items("nodes", response.nodes, [&](const cluster_node& node) {
        out.add("name", node.name);
        out.add("ip", node.ip);
        out.add("tcp_port", node.endpoints.tcp);
        out.add("quic_port", node.endpoints.quic);
        out.add("http_port", node.endpoints.http);
        out.add("websocket_port", node.endpoints.websocket);
        out.add("role", node.role);
        out.add("status", node.status);
    });
}

void list(field_list& out, const client_details& response) {
    list_client(out, response.info);
    out.items("consumer_groups", response.groups, [&](const joined_group& joined) {
        out.add("stream_id", joined.stream);
        out.add("topic_id", joined.topic);
        out.add("group_id", joined.group);
    });
}

void list(field_list& out, const std::vector<client_info>& response) {
    out.items("clients", response, [&](const client_info& client) { list_client(out, client); });
}

void list(field_list& out, const user_details& response) {
    list_user(out, response.info);
    list_permissions(out, response.permissions);
    if (!response.permissions) {
        out.add("no_permissions", std::string{"00000000"});
    }
}

void list(field_list& out, const std::vector<user_info>& response) {
    out.items("users", response, [&](const user_info& user) { list_user(out, user); });
}

void list(field_list& out, const login_response& response) { out.add("user_id", response.user); }

void list(field_list& out, const std::vector<token_info>& response) {
    out.items("tokens", response, [&](const token_info& token) {
        out.add("name", token.name);
        out.add("expiry_at", token.expiry_at);
    });
}

void list(field_list& out, const raw_token& response) { out.add("token", response.token); }

void list(field_list& out, const polled_messages& response) {
    out.add("partition_id", response.head.partition);
    out.add("current_offset", response.head.current_offset);
    out.add("messages_count", response.head.count);
    list_messages(out, response.bytes);
}

void list(field_list& out, const consumer_offset_info& response) {
    out.add("partition_id", response.partition);
    out.add("current_offset", response.current_offset);
    out.add("stored_offset", response.stored_offset);
}

void list(field_list& out, const stream_info& response) {
    out.add("id", response.id);
    out.add("created_at", response.created_at);
    out.add("topics_count", response.topics_count);
    out.add("size_bytes", response.size_bytes);
    out.add("messages_count", response.messages_count);
    out.add("name", response.name);
}

void list(field_list& out, const stream_details& response) {
    list(out, response.info);
    list(out, response.topics);
}

void list(field_list& out, const std::vector<stream_info>& response) {
    out.items("streams", response, [&](const stream_info& stream) { list(out, stream); });
}

void list(field_list& out, const topic_info& response) {
    out.add("id", response.id);
    out.add("created_at", response.created_at);
    out.add("partitions_count", response.partitions_count);
    list_topic_settings(out, response);
    out.add("size_bytes", response.size_bytes);
    out.add("messages_count", response.messages_count);
    out.add("name", response.name);
}

void list(field_list& out, const topic_details& response) {
    list(out, response.info);
    out.items("partitions", response.partitions, [&](const partition_info& partition) {
        out.add("id", partition.id);
        out.add("created_at", partition.created_at);
        out.add("segments_count", partition.segments_count);
        out.add("current_offset", partition.current_offset);
        out.add("size_bytes", partition.size_bytes);
        out.add("messages_count", partition.messages_count);
    });
}

void list(field_list& out, const std::vector<topic_info>& response) {
    out.items("topics", response, [&](const topic_info& topic) { list(out, topic); });
}

void list(field_list& out, const group_info& response) {
    out.add("id", response.id);
    out.add("partitions_count", response.partitions_count);
    out.add("members_count", response.members_count);
    out.add("name", response.name);
}

void list(field_list& out, const group_details& response) {
    list(out, response.info);
    out.items("members", response.members, [&](const group_member& member) {
        out.add("id", member.id);
        out.add("partitions_count", member.partitions.size());
        for (std::size_t i = 0; i < member.partitions.size(); ++i) {
            out.add("partitions[" + std::to_string(i) + "]", member.partitions[i]);
        }
    });
}

void list(field_list& out, const std::vector<group_info>& response) {
    out.items("groups", response, [&](const group_info& group) { list(out, group); });
}
