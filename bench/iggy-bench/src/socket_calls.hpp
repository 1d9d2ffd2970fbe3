#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include <iggy/base/bytes.hpp>

/// Blocking sockets on the loopback interface, without layers: what the figures are compared with
/// must not cost anything itself.
namespace iggy::bench {

inline sockaddr_in loopback(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void send_at_once(int socket) noexcept {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Fills `into`; false when the stream ends or breaks before.
inline bool receive_all(int socket, byte_span into) noexcept {
    while (!into.empty()) {
        const ssize_t moved = ::recv(socket, into.data(), into.size(), MSG_WAITALL);
        if (moved > 0) {
            into = into.subspan(static_cast<std::size_t>(moved));
        } else if (moved == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/// Sends both parts; false when the stream breaks.
inline bool send_all(int socket, byte_view first, byte_view second = {}) noexcept {
    while (!first.empty() || !second.empty()) {
        std::array<iovec, 2> parts{iovec{const_cast<std::byte*>(first.data()), first.size()},
                                   iovec{const_cast<std::byte*>(second.data()), second.size()}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t moved = ::sendmsg(socket, &message, MSG_NOSIGNAL);
        if (moved < 0 && errno != EINTR) {
            return false;
        }
        const std::size_t count = moved < 0 ? 0 : static_cast<std::size_t>(moved);
        const std::size_t of_first = std::min(count, first.size());
        first = first.subspan(of_first);
        second = second.subspan(count - of_first);
    }
    return true;
}

}  // namespace iggy::bench
