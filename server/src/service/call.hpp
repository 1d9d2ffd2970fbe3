#pragma once

#include <memory>
#include <optional>

#include <iggy/protocol/error_code.hpp>
#include <iggy/storage/error.hpp>

#include "catalog/catalog_state.hpp"
#include "service/service.hpp"
#include "session/session.hpp"
#include "users/permission_rules.hpp"

namespace iggy::server {

/// One request that is being executed: what its function works on, who asks, and which right its
/// row of the command table demands.
struct call {
    service& server;
    session& who;
    rule permission;
    shard& here;  ///< whose thread this is: the home of `who`, or where a change is made

    /// The newest state of the catalog.
    std::shared_ptr<const catalog_state> state() const;
    /// Whether the user of the session has the right, on this stream and topic where given.
    bool is_allowed(const catalog_state& state, std::optional<stream_id> stream = std::nullopt,
                    std::optional<topic_id> topic = std::nullopt) const;
};

/// What a command answers when all it did was an operation on a log.
protocol::result<protocol::empty_response> answer_to(const service& server,
                                                     const storage::result<done_t>& outcome);

/// Logs failures of the disk and of stored data; the rest is the client's to know.
void report(const service& server, const storage::error& failure);

}  // namespace iggy::server
