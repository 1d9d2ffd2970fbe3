#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/topics.hpp>

#include "service/call.hpp"

/// Commands about topics, partitions and segments.
namespace iggy::server {

protocol::result<protocol::get_topic::response_type> run(call made,
                                                         const protocol::get_topic& request);
protocol::result<protocol::get_topics::response_type> run(call made,
                                                          const protocol::get_topics& request);
boost::asio::awaitable<protocol::result<protocol::topic_details>> run(
    call made, const protocol::create_topic& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_topic& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::update_topic& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::purge_topic& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::create_partitions& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_partitions& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_segments& request);

}  // namespace iggy::server
