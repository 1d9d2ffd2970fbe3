#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/error_code.hpp>

namespace iggy::protocol {

/// Both kinds of frame open with two u32:
///
///     request   [length][code][payload]     length = 4 + payload: it counts the code
///     response  [status][length][payload]   length = payload; 0 whenever status is not 0
///
/// Source: Iggy 0.8, core/binary_protocol/src/framing.rs.
inline constexpr std::size_t frame_header_bytes = 8;

/// Largest payload of any command but SendMessages, whose bound is the server's own.
inline constexpr std::uint32_t control_payload_bytes_max = 10 * 1024 * 1024;

/// Largest payload that a request frame can announce.
inline constexpr std::uint32_t request_payload_bytes_max = UINT32_MAX - 4;

using frame_header_bytes_view = std::span<const std::byte, frame_header_bytes>;
using frame_header_array = std::array<std::byte, frame_header_bytes>;

/// What opens a request. `code` may be of no command.
struct request_header {
    std::uint32_t payload_bytes = 0;
    std::uint32_t code = 0;

    friend bool operator==(const request_header&, const request_header&) = default;
};

/// What opens a response. `status` 0 is success; see `to_error_code` for the rest.
struct response_header {
    std::uint32_t status = 0;
    std::uint32_t payload_bytes = 0;

    friend bool operator==(const response_header&, const response_header&) = default;
};

/// Errors: invalid_command (the announced length does not even hold the code).
result<request_header> decode_request_header(frame_header_bytes_view bytes) noexcept;
response_header decode_response_header(frame_header_bytes_view bytes) noexcept;

/// `payload_bytes` is at most `request_payload_bytes_max`.
frame_header_array encode_request_header(request_header header) noexcept;
frame_header_array encode_response_header(response_header header) noexcept;

/// One whole request; borrows from the bytes that it was found in.
struct request_frame {
    std::uint32_t code = 0;
    byte_view payload{};
    std::size_t frame_bytes = 0;  ///< header included
};

/// One whole response; borrows from the bytes that it was found in.
struct response_frame {
    std::uint32_t status = 0;
    byte_view payload{};
    std::size_t frame_bytes = 0;  ///< header included
};

/// The frame at the front of `bytes`; nothing while bytes of it are missing. Errors:
/// invalid_command (bad length, or a payload over `payload_bytes_max`).
result<std::optional<request_frame>> find_request(
    byte_view bytes, std::uint32_t payload_bytes_max = control_payload_bytes_max) noexcept;

/// The frame at the front of `bytes`; nothing while bytes of it are missing. Errors:
/// invalid_size_bytes (a payload over `payload_bytes_max`).
result<std::optional<response_frame>> find_response(byte_view bytes,
                                                    std::uint32_t payload_bytes_max) noexcept;

}  // namespace iggy::protocol
