#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "session/client_registry.hpp"
#include "shard/shard.hpp"
#include "tcp/tcp_connection.hpp"

namespace iggy::server {

/// The TCP connections of one shard; everything on its thread. A connection whose requests all go
/// to logs of another shard moves there.
class tcp_connections {
public:
    /// Those of all shards, by number.
    using all = std::vector<std::unique_ptr<tcp_connections>>;

    /// `everywhere` has an entry for each shard before the first connection is served.
    tcp_connections(shard& on, all& everywhere, service& runs, client_registry& clients,
                    const tcp_limits& limits)
        : shard_{on}, everywhere_{everywhere}, service_{runs}, clients_{clients}, limits_{limits} {}

    /// Serves an accepted socket, whose executor is that of the shard.
    void serve(boost::asio::ip::tcp::socket socket);

    /// Lets all connections end after the request they are at, and refuses new ones.
    void stop();
    /// Ends those that are still there without waiting for their peers.
    void abort();
    std::size_t size() const noexcept { return open_.size(); }
    shard& on() noexcept { return shard_; }

private:
    void run(const std::shared_ptr<tcp_connection>& connection);
    void ended(const std::shared_ptr<tcp_connection>& connection,
               const std::exception_ptr& failure);

    shard& shard_;
    all& everywhere_;
    service& service_;
    client_registry& clients_;
    const tcp_limits& limits_;
    std::unordered_set<std::shared_ptr<tcp_connection>> open_;
    bool stopping_ = false;
};

}  // namespace iggy::server
