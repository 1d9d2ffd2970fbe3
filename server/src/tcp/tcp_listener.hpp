#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <iggy/base/text_error.hpp>

#include "shard/shard_map.hpp"
#include "tcp/tcp_connections.hpp"

namespace iggy::server {

/// Accepts TCP connections on the first shard and hands them to the shards in turn: with the few
/// connections of a typical client that is fairer than listeners that share a port. Everything on
/// the first shard's thread.
class tcp_listener {
public:
    /// `connections` has one entry per shard.
    tcp_listener(shard_map& shards, tcp_connections::all& connections);

    /// Binds and listens. The port is this process's alone: a second server on it fails here.
    /// Errors: `host` is no IP address, or it cannot be bound.
    text_result<boost::asio::ip::tcp::endpoint> listen(const std::string& host, std::uint16_t port);
    /// Begins to accept.
    void start();
    /// Ends it; the port is free afterwards.
    void stop();

private:
    void accept_next();
    void accept_later();

    shard_map& shards_;
    tcp_connections::all& connections_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::size_t next_shard_ = 0;
};

}  // namespace iggy::server
