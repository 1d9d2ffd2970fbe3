#include "tcp/tcp_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <tuple>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace iggy::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

inline constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

bool would_block(int code) noexcept { return code == EAGAIN || code == EWOULDBLOCK; }

/// Drops the first `count` bytes of the parts.
void skip(std::array<iovec, 2>& parts, std::size_t count) noexcept {
    for (iovec& part : parts) {
        const std::size_t taken = std::min(count, part.iov_len);
        part.iov_base = static_cast<std::byte*>(part.iov_base) + taken;
        part.iov_len -= taken;
        count -= taken;
    }
}

}  // namespace

tcp_stream::tcp_stream(tcp::socket socket) : socket_{std::move(socket)} {
    boost::system::error_code ignored;  // a socket that broke meanwhile fails at its first read
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay{true}, ignored);
}

asio::awaitable<std::size_t> tcp_stream::read_some(byte_span into) {
    set_low_water(1);
    reading_ = true;
    const auto [ec, count] =
        co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), no_throw);
    reading_ = false;
    co_return ec ? 0 : count;
}

asio::awaitable<bool> tcp_stream::read_all(byte_span into, read_deadline deadline) {
    while (!into.empty()) {
        const ssize_t count = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
        if (count > 0) {
            into = into.subspan(static_cast<std::size_t>(count));
        } else if (count < 0 && would_block(errno)) {
            set_low_water(into.size());
            reading_ = true;
            const bool readable = co_await wait_readable(deadline);
            reading_ = false;
            if (!readable) {
                co_return false;
            }
        } else if (count == 0 || errno != EINTR) {
            co_return false;
        }
    }
    co_return true;
}

/// False when the wait was cancelled, or at the deadline.
asio::awaitable<bool> tcp_stream::wait_readable(read_deadline deadline) {
    if (!deadline) {
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, no_throw);
        co_return !ec;
    }
    using asio::experimental::awaitable_operators::operator||;
    asio::steady_timer timer{socket_.get_executor(), *deadline};
    const auto first = co_await (socket_.async_wait(tcp::socket::wait_read, no_throw) ||
                                 timer.async_wait(no_throw));
    co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

asio::awaitable<bool> tcp_stream::write(byte_view first, byte_view second) {
    std::array<iovec, 2> parts{iovec{const_cast<std::byte*>(first.data()), first.size()},
                               iovec{const_cast<std::byte*>(second.data()), second.size()}};
    std::size_t missing = first.size() + second.size();
    while (missing > 0) {
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = second.empty() ? 1 : parts.size();
        const ssize_t count = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (count >= 0) {
            skip(parts, static_cast<std::size_t>(count));
            missing -= static_cast<std::size_t>(count);
        } else if (would_block(errno)) {
            const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_write, no_throw);
            if (ec) {
                co_return false;
            }
        } else if (errno != EINTR) {
            co_return false;
        }
    }
    co_return true;
}

bool tcp_stream::move_to(asio::io_context& loop) {
    boost::system::error_code ec;
    const auto protocol = socket_.local_endpoint(ec).protocol();
    if (ec) {
        return false;
    }
    const int descriptor = socket_.release(ec);
    if (ec) {
        return false;
    }
    tcp::socket moved{loop};
    moved.assign(protocol, descriptor, ec);
    if (ec) {
        ::close(descriptor);
        return false;
    }
    moved.non_blocking(true, ec);
    socket_ = std::move(moved);
    return !ec;
}

void tcp_stream::finish() noexcept {
    constexpr int reads_max = 64;
    std::array<std::byte, 4096> scratch;
    ::shutdown(socket_.native_handle(), SHUT_WR);
    for (int reads = 0; reads < reads_max; ++reads) {
        if (::recv(socket_.native_handle(), scratch.data(), scratch.size(), 0) <= 0) {
            return;
        }
    }
}

void tcp_stream::cancel_read() noexcept {
    if (reading_) {
        cancel();
    }
}

void tcp_stream::cancel() noexcept {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void tcp_stream::set_low_water(std::size_t bytes) noexcept {
    const int wanted = static_cast<int>(
        std::min<std::size_t>(bytes, static_cast<std::size_t>(std::numeric_limits<int>::max())));
    if (wanted != low_water_ && ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVLOWAT,
                                             &wanted, sizeof wanted) == 0) {
        low_water_ = wanted;
    }
}

}  // namespace iggy::server
