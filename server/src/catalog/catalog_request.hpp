#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <iggy/base/time.hpp>
#include <iggy/protocol/error_code.hpp>
#include <iggy/protocol/streams.hpp>
#include <iggy/protocol/topics.hpp>
#include <iggy/protocol/users.hpp>

#include "catalog/catalog_command.hpp"
#include "catalog/catalog_state.hpp"

namespace iggy::server {

/// create_user with its password hashed, on a helper thread, beforehand.
struct new_user {
    std::string username;
    std::string password_hash;
    protocol::user_status status = protocol::user_status::active;
    std::optional<protocol::permissions> permissions;
};

/// change_password after the current password was verified against `verified_hash`.
struct new_password {
    protocol::identifier user;
    std::string verified_hash;
    std::string password_hash;
};

/// What a client asks of the catalog. Places and users are named as the client named them: they are
/// looked up when it is the request's turn, so that it cannot hit what took their number meanwhile.
using catalog_request =
    std::variant<protocol::create_stream, protocol::update_stream, protocol::delete_stream,
                 protocol::create_topic, protocol::update_topic, protocol::delete_topic,
                 protocol::create_partitions, protocol::delete_partitions, new_user,
                 protocol::update_user, new_password, protocol::update_permissions,
                 protocol::delete_user>;

/// Most partitions that one request may ask for. Source: Iggy 0.8,
/// core/server/src/binary/handlers/topics/create_topic_handler.rs.
inline constexpr std::uint32_t partitions_per_request_max = 1000;

/// What the server fills in and demands of topics.
struct topic_rules {
    protocol::message_expiry default_expiry = protocol::message_expiry::never();
    protocol::max_topic_size default_max_size = protocol::max_topic_size::unlimited();
    std::uint64_t segment_bytes = std::uint64_t{1} << 30;  ///< a topic's smallest maximum size
};

/// Checks a request against a state, in the protocol's order of checks, and makes the command that
/// carries it out. The logs of new partitions are not known yet: their list has the right length
/// and zeros. Errors: those that the protocol lists for the command.
protocol::result<catalog_command> decide(const catalog_state& state, catalog_caller caller,
                                         const catalog_request& request, const topic_rules& rules,
                                         timestamp now);

}  // namespace iggy::server
