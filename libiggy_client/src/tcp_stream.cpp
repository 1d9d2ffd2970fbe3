#include "tcp_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "resolve.hpp"

namespace iggy::client {
namespace {

std::string peer_name(const options& options) {
    const bool v6 = options.host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), options.host, options.port);
}

/// Waits for `events` on `fd`: true when they came, false when the time is over.
bool ready(int fd, short events, const deadline& until) {
    while (true) {
        const int wait_ms = until.left_ms();
        pollfd watched{fd, events, 0};
        const int count = ::poll(&watched, 1, wait_ms);
        if (count > 0) {
            return true;
        }
        if (count == 0 && until.left_ms() == 0) {
            return false;
        }
        if (count < 0 && errno != EINTR) {
            return true;  // the next system call on it says what is wrong
        }
    }
}

/// Connects `fd`; returns 0 or the errno of the failure, ETIMEDOUT when the time is over.
int connect_socket(int fd, const endpoint& to, const deadline& until) {
    const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
    if (::connect(fd, address, to.size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS && errno != EINTR) {
        return errno;
    }
    if (!ready(fd, POLLOUT, until)) {
        return ETIMEDOUT;
    }
    int failure = 0;
    socklen_t size = sizeof failure;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

error cannot_connect(const std::string& peer, int os_error) {
    const bool timed_out = os_error == ETIMEDOUT;
    const char* hint = os_error == ECONNREFUSED
                           ? "nothing listens there: is iggy-server running, with this TCP address?"
                           : "check the address and the network between";
    return {timed_out ? errc::timeout : errc::cannot_connect,
            {},
            os_error,
            fmt::format("cannot connect to {}: {}; {}", peer, std::strerror(os_error), hint)};
}

}  // namespace

result<std::unique_ptr<byte_stream>> tcp_stream::connect(const options& options) {
    const deadline until{options.connect_timeout};
    const auto endpoints = resolve(options.host, options.port, until);
    if (!endpoints) {
        return endpoints.error();
    }
    int failure = 0;
    for (const auto& to : *endpoints) {
        const int fd =
            ::socket(to.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            failure = errno;
            continue;
        }
        auto stream = std::make_unique<tcp_stream>(fd, peer_name(options));
        failure = connect_socket(fd, to, until);
        if (failure == 0) {
            const int on = options.no_delay ? 1 : 0;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return std::unique_ptr<byte_stream>{std::move(stream)};
        }
    }
    return cannot_connect(peer_name(options), failure);
}

tcp_stream::~tcp_stream() { ::close(fd_); }

result<done_t> tcp_stream::write(byte_view bytes, const deadline& until) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (const auto waited = wait_for(POLLOUT, until, "sending the request"); !waited) {
                return waited.error();
            }
        } else if (sent < 0 && errno != EINTR) {
            return lost(errno, "sending the request");
        }
    }
    return done;
}

result<done_t> tcp_stream::read(byte_span bytes, const deadline& until) {
    while (!bytes.empty()) {
        const auto received = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (received > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(received));
        } else if (received == 0) {
            return lost(0, "waiting for the answer");
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (const auto waited = wait_for(POLLIN, until, "waiting for the answer"); !waited) {
                return waited.error();
            }
        } else if (errno != EINTR) {
            return lost(errno, "waiting for the answer");
        }
    }
    return done;
}

result<done_t> tcp_stream::wait_for(short events, const deadline& until, const char* doing) {
    if (ready(fd_, events, until)) {
        return done;
    }
    return error{errc::timeout,
                 {},
                 ETIMEDOUT,
                 fmt::format("{} did not react in time while {}; whether the server carried the "
                             "request out is not known",
                             peer_, doing)};
}

error tcp_stream::lost(int os_error, const char* doing) const {
    const char* why = os_error == 0 ? "closed by the server" : std::strerror(os_error);
    return {errc::disconnected, protocol::error_code::disconnected, os_error,
            fmt::format("the connection to {} was lost while {}: {}; connect again", peer_, doing,
                        why)};
}

}  // namespace iggy::client
