#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace iggy::test {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

raw_client::raw_client(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    if (socket_ < 0) {
        fail("socket");
    }
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("connect");
    }
}

raw_client::~raw_client() { ::close(socket_); }

void raw_client::send(byte_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail("send");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void raw_client::send_frame(std::uint32_t code, byte_view payload,
                            std::optional<std::uint32_t> announced) {
    std::vector<std::byte> frame(protocol::frame_header_bytes);
    const auto length = announced.value_or(static_cast<std::uint32_t>(payload.size()));
    store_le(frame, 0, length + 4);
    store_le(frame, 4, code);
    frame.insert(frame.end(), payload.begin(), payload.end());
    send(frame);
}

bool raw_client::read_all(byte_span into) {
    while (!into.empty()) {
        const ssize_t count = ::recv(socket_, into.data(), into.size(), 0);
        if (count < 0 && errno == EINTR) {
            continue;  // a ring of this thread had work for it
        }
        if (count < 0 && errno != ECONNRESET) {
            fail("recv");
        }
        if (count <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<raw_response> raw_client::receive() {
    std::array<std::byte, protocol::frame_header_bytes> header{};
    if (!read_all(header)) {
        return std::nullopt;
    }
    raw_response response{load_le<std::uint32_t>(header, 0), {}};
    response.payload.resize(load_le<std::uint32_t>(header, 4));
    if (!read_all(response.payload)) {
        return std::nullopt;
    }
    return response;
}

std::size_t raw_client::discard_waiting() {
    std::array<std::byte, 4096> scratch{};
    std::size_t all = 0;
    for (;;) {
        const auto count = ::recv(socket_, scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (count <= 0) {
            return all;
        }
        all += static_cast<std::size_t>(count);
    }
}

void raw_client::shut_down_sending() { ::shutdown(socket_, SHUT_WR); }

void raw_client::log_in() {
    protocol::login_user login;
    login.username = "iggy";
    login.password = "iggy";
    static_cast<void>(call(login));
}

void raw_client::throw_status() const {
    throw std::runtime_error{"the server answered with status " + std::to_string(last_.status)};
}

std::vector<std::byte> send_frame_of(const protocol::identifier& stream,
                                     const protocol::identifier& topic,
                                     const protocol::partitioning& where,
                                     std::uint64_t first_number, std::uint32_t count,
                                     std::size_t payload_bytes) {
    std::vector<std::vector<std::byte>> payloads;
    std::vector<protocol::outgoing_message> messages;
    for (std::uint32_t i = 0; i < count; ++i) {
        auto& payload = payloads.emplace_back(payload_bytes);
        store_le(payload, 0, first_number + i);
    }
    for (const auto& payload : payloads) {
        messages.push_back(
            {.id = {}, .payload = payload, .user_headers = {}, .origin_timestamp = 0});
    }
    std::vector<std::byte> frame;
    protocol::encode_request(protocol::send_messages{stream, topic, where, messages}, frame)
        .value();
    return frame;
}

}  // namespace iggy::test
