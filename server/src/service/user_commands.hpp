#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/users.hpp>

#include "service/call.hpp"

/// Commands about users.
namespace iggy::server {

protocol::result<protocol::get_user::response_type> run(call made,
                                                        const protocol::get_user& request);
protocol::result<protocol::get_users::response_type> run(call made,
                                                         const protocol::get_users& request);
boost::asio::awaitable<protocol::result<protocol::user_details>> run(
    call made, const protocol::create_user& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::delete_user& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::update_user& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::update_permissions& request);
boost::asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::change_password& request);

}  // namespace iggy::server
