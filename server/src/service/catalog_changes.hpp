#pragma once

#include <boost/asio/awaitable.hpp>

#include <iggy/protocol/primitives.hpp>

#include "catalog/catalog.hpp"
#include "service/call.hpp"

/// Having the catalog changed by its one writer, on the first shard.
namespace iggy::server {

using change_outcome = protocol::result<catalog_change>;

/// Hands the request to the catalog, which checks it as the protocol says when it is its turn;
/// returns, on the shard of `made`, when the change is durable and visible, or why there is none.
boost::asio::awaitable<change_outcome> execute(call made, catalog_request request);

/// The same for commands that answer nothing.
boost::asio::awaitable<protocol::result<protocol::empty_response>> execute_quietly(
    call made, catalog_request request);

}  // namespace iggy::server
