#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include <iggy/base/bytes.hpp>

namespace iggy::test {

/// One accepted connection, seen from the server's side. Blocking; every wait ends after some
/// seconds, so that a broken client fails a test and does not hang it.
class peer_socket {
public:
    struct request {
        std::uint32_t code = 0;
        std::vector<std::byte> payload;
    };

    explicit peer_socket(int fd) noexcept : fd_{fd} {}

    /// The next whole request; code 0 when the client closed.
    request read_request();
    void write(byte_view bytes);
    /// A whole response frame.
    void answer(std::uint32_t status, byte_view payload);
    /// Only the header of one, announcing `payload_bytes`.
    void answer_header(std::uint32_t status, std::uint32_t payload_bytes);
    /// Waits until the client closes; true when it did, without having sent anything more.
    bool closed_by_client();

private:
    bool read(byte_span bytes);
    int fd_;
};

/// A TCP server on a free loopback port that serves one connection after the other as its script
/// says, for as many connections as it is told.
class fake_peer {
public:
    using script = std::function<void(peer_socket&)>;

    explicit fake_peer(script serve, int connections = 1);
    /// Waits for the script to end. What the script found out is looked at after this: Catch's
    /// checks belong to the test's own thread.
    void finish();
    ~fake_peer();
    fake_peer(const fake_peer&) = delete;
    fake_peer& operator=(const fake_peer&) = delete;

    std::uint16_t port() const noexcept { return port_; }

private:
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A loopback port on which nothing listens.
std::uint16_t closed_port();

}  // namespace iggy::test
