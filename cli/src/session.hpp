#pragma once

#include <iggy/client/client.hpp>

#include "arguments.hpp"
#include "failure.hpp"
#include "output.hpp"

namespace iggy::cli {

/// What a command works with: a server that it is logged in to, and standard output.
struct session {
    client::client& server;
    output& out;
};

// Each announces itself (`Executing ...`), does its work and prints its result.
// commands/system.cpp
outcome execute(const ping_command& command, session& with);
outcome execute(const me_command& command, session& with);
outcome execute(const stats_command& command, session& with);
outcome execute(const cluster_metadata_command& command, session& with);
outcome execute(const client_get_command& command, session& with);
outcome execute(const client_list_command& command, session& with);
// commands/stream.cpp
outcome execute(const stream_create_command& command, session& with);
outcome execute(const stream_update_command& command, session& with);
outcome execute(const stream_delete_command& command, session& with);
outcome execute(const stream_get_command& command, session& with);
outcome execute(const stream_list_command& command, session& with);
outcome execute(const stream_purge_command& command, session& with);
// commands/topic.cpp
outcome execute(const topic_create_command& command, session& with);
outcome execute(const topic_update_command& command, session& with);
outcome execute(const topic_delete_command& command, session& with);
outcome execute(const topic_get_command& command, session& with);
outcome execute(const topic_list_command& command, session& with);
outcome execute(const topic_purge_command& command, session& with);
// commands/partition.cpp
outcome execute(const partition_create_command& command, session& with);
outcome execute(const partition_delete_command& command, session& with);
outcome execute(const segment_delete_command& command, session& with);
// commands/message.cpp
outcome execute(const message_send_command& command, session& with);
outcome execute(const message_poll_command& command, session& with);
outcome execute(const message_flush_command& command, session& with);
// commands/offset.cpp
outcome execute(const offset_get_command& command, session& with);
outcome execute(const offset_set_command& command, session& with);

}  // namespace iggy::cli
