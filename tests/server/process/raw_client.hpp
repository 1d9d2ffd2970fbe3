#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/protocol.hpp>

namespace iggy::test {

struct raw_response {
    std::uint32_t status = 0;
    std::vector<std::byte> payload;
};

/// A socket that sends bytes and reads response frames; it gives up after 20 s without progress.
/// Failures of the socket throw std::system_error.
class raw_client {
public:
    explicit raw_client(std::uint16_t port);
    ~raw_client();
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    void send(byte_view bytes);
    /// Sends a frame with this header and payload; `announced` replaces the true payload length.
    void send_frame(std::uint32_t code, byte_view payload,
                    std::optional<std::uint32_t> announced = std::nullopt);
    /// The next response; nothing at the end of the stream.
    std::optional<raw_response> receive();
    /// Receives what is there without waiting and forgets it; the number of bytes.
    std::size_t discard_waiting();
    /// Ends the sending side.
    void shut_down_sending();

    /// Sends a request and returns the answer.
    template <class Request>
    std::optional<raw_response> ask(const Request& request) {
        std::vector<std::byte> frame;
        protocol::encode_request(request, frame).value();
        send(frame);
        return receive();
    }
    /// The same, decoded; throws on a failure status.
    template <class Request>
    typename Request::response_type call(const Request& request) {
        last_ = ask(request).value();
        if (last_.status != 0) {
            throw_status();
        }
        return protocol::decode_response<typename Request::response_type>(last_.payload).value();
    }
    /// Logs in as `iggy` with password `iggy`.
    void log_in();

private:
    [[noreturn]] void throw_status() const;
    bool read_all(byte_span into);

    int socket_ = -1;
    raw_response last_;  // what a decoded poll borrows from
};

/// The frame of a send with `count` messages of `payload_bytes` bytes, each starting with its
/// number, from `first_number` on.
std::vector<std::byte> send_frame_of(const protocol::identifier& stream,
                                     const protocol::identifier& topic,
                                     const protocol::partitioning& where,
                                     std::uint64_t first_number, std::uint32_t count,
                                     std::size_t payload_bytes);

}  // namespace iggy::test
