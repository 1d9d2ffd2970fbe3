#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/consumer_offsets.hpp>

#include "service/call.hpp"

/// Stored offsets of consumers.
namespace iggy::server {

boost::asio::awaitable<protocol::result<protocol::get_consumer_offset::response_type>> run(
    call made, const protocol::get_consumer_offset& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::store_consumer_offset& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_consumer_offset& request);

}  // namespace iggy::server
