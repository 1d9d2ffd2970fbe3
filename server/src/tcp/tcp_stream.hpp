#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
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

    /// Reads what is there, up to `into.size()` bytes, waiting for the first. To be awaited; gives
    /// an error code and a count. 0 bytes: the peer has ended its side, the connection broke, or a
    /// `cancel` was called.
    auto read_some(byte_span into) {
        set_low_water(1);
        return socket_.async_read_some(boost::asio::buffer(into.data(), into.size()),
                                       boost::asio::as_tuple(boost::asio::deferred));
    }
    /// Reads what is there without waiting, up to `into.size()` bytes; nothing when the stream has
    /// ended or broke.
    std::optional<std::size_t> read_now(byte_span into) noexcept;
    /// The same by a single call; when that gives less than `into` holds, there was no more.
    std::optional<std::size_t> read_once(byte_span into) noexcept;
    /// Waits until `bytes` have arrived, or the stream has ended. To be awaited; gives an error
    /// code after a `cancel`.
    auto readable(std::size_t bytes) {
        set_low_water(bytes);
        return socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                                  boost::asio::as_tuple(boost::asio::deferred));
    }
    /// Fills `into`; false when the stream ends before, or at the deadline. Sleeps until much of
    /// what is missing has arrived, not at every packet.
    boost::asio::awaitable<bool> read_all(byte_span into, read_deadline deadline = std::nullopt);
    /// Writes what the kernel takes at once of both parts and takes it off them; false when the
    /// connection broke.
    bool write_now(byte_view& first, byte_view& second) noexcept;
    /// Writes both parts; false when the connection broke.
    boost::asio::awaitable<bool> write(byte_view first, byte_view second);

    /// The core that worked on what came last: for a peer on this machine, its own. -1 where the
    /// kernel does not tell.
    int incoming_core() noexcept;

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
    bool writing_ = false;  // waits until it may go on
};

}  // namespace iggy::server
