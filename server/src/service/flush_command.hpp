#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/messages.hpp>

#include "service/call.hpp"

namespace iggy::server {

boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::flush_unsaved_buffer& request);

}  // namespace iggy::server
