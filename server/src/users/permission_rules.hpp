#pragma once

#include <cstdint>
#include <optional>

#include <iggy/base/ids.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/permissions.hpp>

namespace iggy::server {

/// Which rights allow a command. Rights only add up; nothing denies.
/// Source: Iggy 0.8, core/server/src/metadata/reader.rs.
enum class rule : std::uint8_t {
    none,  ///< needs no right
    server_info,
    read_users,
    manage_users,
    list_streams,
    read_stream,
    create_stream,
    manage_stream,
    list_topics,
    read_topic,
    create_topic,
    manage_topic,
    poll,
    send,
};
inline constexpr std::size_t rule_count = 14;

/// The rule of a command. Commands on users apply theirs only when another user is meant.
rule rule_of(protocol::command_code code) noexcept;

/// Whether a user with these rights (none at all: nullptr) passes the rule, for a command on this
/// stream and topic where it is on one.
bool allowed(rule needed, const protocol::permissions* rights,
             std::optional<stream_id> stream = std::nullopt,
             std::optional<topic_id> topic = std::nullopt) noexcept;

}  // namespace iggy::server
