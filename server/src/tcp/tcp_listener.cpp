#include "tcp/tcp_listener.hpp"

#include <chrono>

#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace iggy::server {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp_listener::tcp_listener(shard_map& shards, tcp_connections::all& connections)
    : shards_{shards},
      connections_{connections},
      acceptor_{shards.first().context()},
      pause_{shards.first().context()} {}

text_result<tcp::endpoint> tcp_listener::listen(const std::string& host, std::uint16_t port) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (ec) {
        return text_error{fmt::format("\"{}\" is no IP address", host)};
    }
    const tcp::endpoint wanted{address, port};
    acceptor_.open(wanted.protocol(), ec);
    if (!ec) {
        acceptor_.set_option(asio::socket_base::reuse_address{true}, ec);
    }
    if (!ec) {
        acceptor_.bind(wanted, ec);
    }
    if (!ec) {
        acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    }
    if (ec) {
        return text_error{fmt::format("it cannot be bound: {} (does another server use the port?)",
                                      ec.message())};
    }
    return acceptor_.local_endpoint();
}

void tcp_listener::start() { accept_next(); }

void tcp_listener::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void tcp_listener::accept_next() {
    shard& receiver = shards_[next_shard_];
    acceptor_.async_accept(
        receiver.context(),
        [this, &receiver](const boost::system::error_code& ec, tcp::socket socket) {
            if (ec == asio::error::operation_aborted || !acceptor_.is_open()) {
                return;
            }
            if (ec) {
                accept_later();
                return;
            }
            next_shard_ = (next_shard_ + 1) % shards_.size();
            asio::post(receiver.context(), [to = connections_[receiver.number()].get(),
                                            accepted = std::move(socket)]() mutable {
                to->serve(std::move(accepted));
            });
            accept_next();
        });
}

/// Most often there are no descriptors left; connections that end will free some.
void tcp_listener::accept_later() {
    pause_.expires_after(std::chrono::milliseconds{100});
    pause_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec) {
            accept_next();
        }
    });
}

}  // namespace iggy::server
