#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <iggy/base/bytes.hpp>

namespace iggy::server {

/// Until when a read waits; for ever when absent.
using read_deadline = std::optional<std::chrono::steady_clock::time_point>;

/// One accepted socket, non-blocking. Reads and writes are tried at once and wait only when the
/// kernel has nothing; the composed operations of Asio would move 64 KiB per call.
class tcp_stream {
public:
    explicit tcp_stream(boost::asio::ip::tcp::socket socket);

    /// Reads what is there, up to `into.size()` bytes, waiting for the first. 0: the peer has ended
    /// its side, the connection broke, or a `cancel` was called.
    boost::asio::awaitable<std::size_t> read_some(byte_span into);
    /// Fills `into`; false when the stream ends before, or at the deadline. Sleeps until much of
    /// what is missing has arrived, not at every packet.
    boost::asio::awaitable<bool> read_all(byte_span into, read_deadline deadline = std::nullopt);
    /// Writes both parts; false when the connection broke.
    boost::asio::awaitable<bool> write(byte_view first, byte_view second);

    /// Goes on in another loop; while nothing waits for the socket. False when the connection
    /// broke.
    bool move_to(boost::asio::io_context& loop);

    /// Ends the sending side, then takes what the peer has sent so far: closing a socket with
    /// unread bytes would make the kernel drop the last answer.
    void finish() noexcept;
    /// Ends a wait for bytes; an answer that is being written goes on.
    void cancel_read() noexcept;
    /// Ends every wait.
    void cancel() noexcept;
    boost::asio::ip::tcp::socket::executor_type executor() { return socket_.get_executor(); }

private:
    boost::asio::awaitable<bool> wait_readable(read_deadline deadline);
    void set_low_water(std::size_t bytes) noexcept;

    boost::asio::ip::tcp::socket socket_;
    int low_water_ = 1;
    bool reading_ = false;
};

}  // namespace iggy::server
