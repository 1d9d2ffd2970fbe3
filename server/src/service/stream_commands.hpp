#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/streams.hpp>

#include "service/call.hpp"

/// Commands about streams.
namespace iggy::server {

protocol::result<protocol::get_stream::response_type> run(call made,
                                                          const protocol::get_stream& request);
protocol::result<protocol::get_streams::response_type> run(call made,
                                                           const protocol::get_streams& request);
boost::asio::awaitable<protocol::result<protocol::stream_info>> run(
    call made, const protocol::create_stream& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_stream& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::update_stream& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::purge_stream& request);

}  // namespace iggy::server
