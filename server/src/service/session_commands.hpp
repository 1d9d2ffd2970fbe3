#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/users.hpp>

#include "service/call.hpp"

/// Login and logout.
namespace iggy::server {

boost::asio::awaitable<protocol::result<protocol::login_response>> run(
    call made, const protocol::login_user& request);
protocol::result<protocol::empty_response> run(call made, const protocol::logout_user& request);

}  // namespace iggy::server
