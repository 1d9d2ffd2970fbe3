#pragma once

#include <cstdint>
#include <variant>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/consumer_groups.hpp>
#include <iggy/protocol/consumer_offsets.hpp>
#include <iggy/protocol/error_code.hpp>
#include <iggy/protocol/messages.hpp>
#include <iggy/protocol/streams.hpp>
#include <iggy/protocol/system.hpp>
#include <iggy/protocol/topics.hpp>
#include <iggy/protocol/users.hpp>

namespace iggy::protocol {

/// A request of any command but SendMessages, whose payload is large and decoded in place by
/// `decode_send_messages`. Ascending by code.
using any_request = std::variant<
    ping, get_stats, get_snapshot, get_cluster_metadata, get_me, get_client, get_clients, get_user,
    get_users, create_user, delete_user, update_user, update_permissions, change_password,
    login_user, logout_user, get_personal_access_tokens, create_personal_access_token,
    delete_personal_access_token, login_with_personal_access_token, poll_messages,
    flush_unsaved_buffer, get_consumer_offset, store_consumer_offset, delete_consumer_offset,
    get_stream, get_streams, create_stream, delete_stream, update_stream, purge_stream, get_topic,
    get_topics, create_topic, delete_topic, update_topic, purge_topic, create_partitions,
    delete_partitions, delete_segments, get_consumer_group, get_consumer_groups,
    create_consumer_group, delete_consumer_group, join_consumer_group, leave_consumer_group>;

static_assert(std::variant_size_v<any_request> == command_count - 1, "all but SendMessages");

/// Decodes the payload of the command with this code. Errors: invalid_command for a code that is
/// no command (or SendMessages), else as `decode_request`.
result<any_request> decode_any_request(std::uint32_t code, byte_view payload);

/// The command of a request.
command_code code_of(const any_request& request) noexcept;

}  // namespace iggy::protocol
