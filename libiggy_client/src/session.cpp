#include "session.hpp"

#include <array>

#include <fmt/format.h>
#include <iggy/protocol/frame.hpp>

namespace iggy::client::detail {
namespace {

/// A request larger than this does not leave its memory behind in the session.
constexpr std::size_t kept_frame_bytes_max = std::size_t{4} * 1024 * 1024;

error rejected(protocol::command_code command, std::uint32_t status) {
    const auto code = protocol::to_error_code(status);
    return {errc::rejected, code, 0,
            fmt::format("the server refused {}: {}", protocol::name(command),
                        protocol::describe(code))};
}

}  // namespace

session::session(std::unique_ptr<byte_stream> stream, const options& options) noexcept
    : stream_{std::move(stream)},
      request_timeout_{options.request_timeout},
      response_bytes_max_{options.response_bytes_max} {}

result<owned_bytes> session::exchange(protocol::command_code code) {
    if (!stream_) {
        return error{errc::disconnected, protocol::error_code::disconnected, 0,
                     fmt::format("cannot send {}: the connection was given up after an earlier "
                                 "failure; connect again",
                                 protocol::name(code))};
    }
    auto answer = send_and_receive(code);
    const bool out_of_step = !answer && answer.error().kind != errc::rejected;
    // A server that shuts down says so unasked: its frame may stand where the answer should.
    const bool server_leaves = !answer && answer.error().code == protocol::error_code::disconnected;
    if (out_of_step || server_leaves) {
        close();
    }
    if (frame_.capacity() > kept_frame_bytes_max) {
        frame_ = {};
    }
    return answer;
}

result<owned_bytes> session::send_and_receive(protocol::command_code code) {
    const deadline until{request_timeout_};
    if (const auto sent = stream_->write(frame_, until); !sent) {
        return sent.error();
    }
    std::array<std::byte, protocol::frame_header_bytes> head{};
    if (const auto received = stream_->read(head, until); !received) {
        return received.error();
    }
    const auto header = protocol::decode_response_header(head);
    if (header.payload_bytes > response_bytes_max_) {
        return error{errc::response_too_large,
                     {},
                     0,
                     fmt::format("the answer to {} has {} bytes, more than the {} that this client "
                                 "accepts; ask for less at once or raise response_bytes_max",
                                 protocol::name(code), header.payload_bytes, response_bytes_max_)};
    }
    owned_bytes payload{header.payload_bytes};
    if (const auto received = stream_->read(payload.span(), until); !received) {
        return received.error();
    }
    if (header.status != 0) {
        return rejected(code, header.status);
    }
    return payload;
}

}  // namespace iggy::client::detail
