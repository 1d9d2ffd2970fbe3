#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/messages.hpp>

#include "dispatch/answer.hpp"
#include "service/call.hpp"

/// Sending, polling, flushing.
namespace iggy::server {

/// Executes a send: login, then the checks of the batch, then the place, then the append. The
/// messages are stamped where they stand in `payload`.
boost::asio::awaitable<void> send_messages(service& server, session& who, byte_span payload,
                                           answer& out);

/// Fills `out` itself: the messages go to the client from where the engine read them.
boost::asio::awaitable<void> run(call made, const protocol::poll_messages& request, answer& out);

boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::flush_unsaved_buffer& request);

}  // namespace iggy::server
