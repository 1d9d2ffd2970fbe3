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

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace iggy::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

inline constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

bool would_block(int code) noexcept { return code == EAGAIN || code == EWOULDBLOCK; }

}  // namespace

tcp_stream::tcp_stream(tcp::socket socket) : socket_{std::move(socket)} {
    boost::system::error_code ignored;  // a socket that broke meanwhile fails at its first read
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay{true}, ignored);
}

int tcp_stream::incoming_core() noexcept {
    int core = -1;
    socklen_t size = sizeof core;
    const int failed =
        ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_INCOMING_CPU, &core, &size);
    return failed == 0 ? core : -1;
}

std::optional<std::size_t> tcp_stream::read_once(byte_span into) noexcept {
    for (;;) {
        const ssize_t count = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
        if (count > 0) {
            return static_cast<std::size_t>(count);
        }
        if (count < 0 && would_block(errno)) {
            return 0;
        }
        if (count == 0 || errno != EINTR) {
            return std::nullopt;
        }
    }
}

std::optional<std::size_t> tcp_stream::read_now(byte_span into) noexcept {
    std::size_t moved = 0;
    while (moved < into.size()) {
        const auto count = read_once(into.subspan(moved));
        if (!count) {
            return std::nullopt;
        }
        if (*count == 0) {
            break;
        }
        moved += *count;
    }
    return moved;
}

asio::awaitable<bool> tcp_stream::read_all(byte_span into, read_deadline deadline) {
    for (;;) {
        const auto count = read_now(into);
        if (!count) {
            co_return false;
        }
        into = into.subspan(*count);
        if (into.empty()) {
            co_return true;
        }
        set_low_water(into.size());
        if (!co_await wait_readable(deadline)) {
            co_return false;
        }
    }
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

bool tcp_stream::write_now(byte_view& first, byte_view& second) noexcept {
    while (!first.empty() || !second.empty()) {
        std::array<iovec, 2> parts{iovec{const_cast<std::byte*>(first.data()), first.size()},
                                   iovec{const_cast<std::byte*>(second.data()), second.size()}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = second.empty() ? 1 : parts.size();
        const ssize_t count = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (count >= 0) {
            const auto of_first = std::min(first.size(), static_cast<std::size_t>(count));
            first = first.subspan(of_first);
            second = second.subspan(static_cast<std::size_t>(count) - of_first);
        } else if (would_block(errno)) {
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

asio::awaitable<bool> tcp_stream::write(byte_view first, byte_view second) {
    for (;;) {
        if (!write_now(first, second)) {
            co_return false;
        }
        if (first.empty() && second.empty()) {
            co_return true;
        }
        writing_ = true;
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_write, no_throw);
        writing_ = false;
        if (ec) {
            co_return false;
        }
    }
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
    if (!writing_) {
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
