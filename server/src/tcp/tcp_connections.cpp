#include "tcp/tcp_connections.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "log/log.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string text_of(const tcp::endpoint& peer) {
    const std::string host = peer.address().to_string();
    return peer.address().is_v6() ? fmt::format("[{}]:{}", host, peer.port())
                                  : fmt::format("{}:{}", host, peer.port());
}

timestamp now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

}  // namespace

void tcp_connections::serve(tcp::socket socket) {
    boost::system::error_code ec;
    const tcp::endpoint peer = socket.remote_endpoint(ec);
    if (ec || stopping_) {
        return;  // gone already, or too late
    }
    session who{shard_, clients_.add(text_of(peer), protocol::transport_kind::tcp, now())};
    run(std::make_shared<tcp_connection>(std::move(socket), std::move(who), service_, limits_));
}

void tcp_connections::run(const std::shared_ptr<tcp_connection>& connection) {
    open_.insert(connection);
    if (stopping_) {
        connection->stop();
    }
    asio::co_spawn(
        shard_.context(), [connection] { return connection->serve(); },
        [this, connection](const std::exception_ptr& failure) { ended(connection, failure); });
}

void tcp_connections::ended(const std::shared_ptr<tcp_connection>& connection,
                            const std::exception_ptr& failure) {
    if (failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& reason) {
            log::error("server::tcp", "The connection from {} ended: {}",
                       connection->who().client->address, reason.what());
        }
    }
    shard* const target = connection->moving_to();
    if (!failure && target != nullptr && connection->move()) {
        asio::post(target->context(),
                   [to = everywhere_[target->number()].get(), connection] { to->run(connection); });
    } else {
        clients_.remove(connection->who().client);
    }
    open_.erase(connection);
}

void tcp_connections::stop() {
    stopping_ = true;
    for (const auto& connection : open_) {
        connection->stop();
    }
}

void tcp_connections::abort() {
    for (const auto& connection : open_) {
        connection->abort();
    }
}

}  // namespace iggy::server
