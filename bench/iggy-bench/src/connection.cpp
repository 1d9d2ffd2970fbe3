#include "connection.hpp"

#include <netdb.h>
#include <sys/time.h>

#include <cstring>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <iggy/protocol/protocol.hpp>

#include "socket_calls.hpp"

namespace iggy::bench {
namespace {

/// A server that does not answer ends the run instead of hanging it.
void bound_waiting(int socket, std::chrono::milliseconds timeout) noexcept {
    timeval bound{};
    bound.tv_sec = timeout.count() / 1000;
    bound.tv_usec = timeout.count() % 1000 * 1000;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
}

result<int> connect_to(const client::options& to) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status =
        ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
    if (status != 0) {
        return failure{fmt::format("cannot find the address of host \"{}\": {}; check the spelling",
                                   to.host, ::gai_strerror(status))};
    }
    int why = 0;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        const int socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bound_waiting(socket, to.connect_timeout);
        if (::connect(socket, at->ai_addr, at->ai_addrlen) == 0) {
            send_at_once(socket);
            bound_waiting(socket, to.request_timeout);
            return socket;
        }
        why = errno;
        ::close(socket);
    }
    return failure{fmt::format("cannot connect to {}:{}: {}; does the server run there?", to.host,
                               to.port, std::strerror(why))};
}

}  // namespace

result<connection> connection::open(const client::options& to) {
    const auto socket = connect_to(to);
    if (!socket) {
        return socket.error();
    }
    connection made{*socket, to.response_bytes_max};
    const auto& who = std::get<client::password_login>(to.login);
    protocol::login_user login;
    login.username = who.username;
    login.password = who.password;
    std::vector<std::byte> frame;
    if (!protocol::encode_request(login, frame)) {
        return failure{"user name and password have 1 to 255 bytes"};
    }
    if (const auto answer = made.exchange(frame); !answer) {
        return failure{fmt::format("cannot log in: {}", answer.error().text)};
    }
    return made;
}

connection::connection(connection&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)},
      response_bytes_max_{other.response_bytes_max_},
      answer_{std::move(other.answer_)} {}

connection::~connection() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

result<byte_view> connection::exchange(byte_view frame) {
    errno = 0;  // stays so when the server closes the connection
    if (!send_all(socket_, frame)) {
        return lost();
    }
    // One request is in flight, so whatever comes belongs to its answer: a small one is here with
    // one call.
    std::size_t here = 0;
    while (here < protocol::frame_header_bytes) {
        const ssize_t moved = ::recv(socket_, answer_.data() + here, answer_.size() - here, 0);
        if (moved > 0) {
            here += static_cast<std::size_t>(moved);
        } else if (moved == 0 || errno != EINTR) {
            return lost();
        }
    }
    const auto header =
        protocol::decode_response_header(byte_view{answer_}.first<protocol::frame_header_bytes>());
    if (header.payload_bytes > response_bytes_max_) {
        return failure{fmt::format("an answer has {} bytes, more than the {} that are accepted",
                                   header.payload_bytes, response_bytes_max_)};
    }
    const std::size_t size = protocol::frame_header_bytes + header.payload_bytes;
    if (answer_.size() < size) {
        answer_.resize(size);
    }
    if (here > size || !receive_all(socket_, byte_span{answer_}.first(size).subspan(here))) {
        return lost();
    }
    if (header.status != 0) {
        return failure{fmt::format("the server refused a request: {}",
                                   protocol::describe(protocol::to_error_code(header.status)))};
    }
    return byte_view{answer_}.first(size).subspan(protocol::frame_header_bytes);
}

failure connection::lost() const {
    const bool timed_out = errno == EAGAIN || errno == EWOULDBLOCK;
    return {timed_out ? "the server did not answer in time"
                      : fmt::format("the connection to the server was lost: {}",
                                    errno == 0 ? "closed by the server" : std::strerror(errno))};
}

}  // namespace iggy::bench
