#include "client/fake_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace iggy::test {
namespace {

constexpr timeval wait_max{10, 0};
constexpr std::uint32_t request_bytes_max = 64 * 1024 * 1024;

sockaddr_in loopback() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int bound_socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback();
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{"cannot bind a loopback socket"};
    }
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

bool peer_socket::read(byte_span bytes) {
    while (!bytes.empty()) {
        const auto received = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (received <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(received));
    }
    return true;
}

peer_socket::request peer_socket::read_request() {
    std::array<std::byte, 8> header{};
    if (!read(header)) {
        return {};
    }
    const auto length = load_le<std::uint32_t>(header, 0);
    if (length < 4 || length > request_bytes_max) {
        return {};
    }
    request got{load_le<std::uint32_t>(header, 4), std::vector<std::byte>(length - 4)};
    return read(got.payload) ? got : request{};
}

void peer_socket::write(byte_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;  // the client has gone: the test looks at what the client reported
        }
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

void peer_socket::answer_header(std::uint32_t status, std::uint32_t payload_bytes) {
    std::array<std::byte, 8> header{};
    store_le(header, 0, status);
    store_le(header, 4, payload_bytes);
    write(header);
}

void peer_socket::answer(std::uint32_t status, byte_view payload) {
    answer_header(status, static_cast<std::uint32_t>(payload.size()));
    write(payload);
}

bool peer_socket::closed_by_client() {
    std::byte one{};
    return ::recv(fd_, &one, 1, 0) == 0;
}

fake_peer::fake_peer(script serve, int connections) : listener_{bound_socket()} {
    ::listen(listener_, 4);
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &wait_max, sizeof wait_max);
    port_ = port_of(listener_);
    thread_ = std::thread{[this, serve = std::move(serve), connections] {
        for (int i = 0; i < connections; ++i) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) {
                return;
            }
            ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait_max, sizeof wait_max);
            ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait_max, sizeof wait_max);
            peer_socket socket{fd};
            serve(socket);
            ::close(fd);
        }
    }};
}

void fake_peer::finish() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

fake_peer::~fake_peer() {
    finish();
    ::close(listener_);
}

std::uint16_t closed_port() {
    const int fd = bound_socket();
    const auto port = port_of(fd);
    ::close(fd);
    return port;
}

}  // namespace iggy::test
