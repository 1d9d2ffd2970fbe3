#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/command_code.hpp>

#include "dispatch/answer.hpp"
#include "session/session.hpp"

namespace iggy::server {

struct service;

/// How one command is answered, from the payload of its frame to the response.
struct command_row {
    using function = boost::asio::awaitable<void> (*)(service&, session&, byte_view, answer&);

    protocol::command_code code;
    function run;
};

/// The row of a command; none for a code that is no command, and for SendMessages and PollMessages,
/// which need no coroutine.
const command_row* find_command(std::uint32_t code) noexcept;

}  // namespace iggy::server
