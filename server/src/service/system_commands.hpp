#pragma once

#include <iggy/protocol/system.hpp>

#include "service/call.hpp"

/// Commands about the server and its connections.
namespace iggy::server {

protocol::result<protocol::empty_response> run(call made, const protocol::ping& request);
protocol::result<protocol::stats> run(call made, const protocol::get_stats& request);
protocol::result<protocol::cluster_metadata> run(call made,
                                                 const protocol::get_cluster_metadata& request);
protocol::result<protocol::client_details> run(call made, const protocol::get_me& request);
protocol::result<protocol::get_client::response_type> run(call made,
                                                          const protocol::get_client& request);
protocol::result<protocol::get_clients::response_type> run(call made,
                                                           const protocol::get_clients& request);

}  // namespace iggy::server
