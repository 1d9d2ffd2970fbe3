#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include <iggy/base/assert.hpp>
#include <iggy/base/bytes.hpp>
#include <iggy/base/expected.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/error_code.hpp>
#include <iggy/protocol/frame.hpp>
#include <iggy/protocol/wire.hpp>

/// Requests and responses to bytes and back, whichever type they are of.
namespace iggy::protocol {

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

/// An optional answer is absent when empty; a list goes on to the end.
template <class Wire, class Response>
void response_layout(Wire& wire, Response& response) {
    using type = std::remove_const_t<Response>;
    if constexpr (is_optional<type>) {
        if constexpr (Wire::reading) {
            if (wire.remaining() > 0) {
                response.emplace();
            }
        }
        if (response) {
            wire.value(*response);
        }
    } else if constexpr (is_list<type>) {
        wire.until_end(response);
    } else {
        wire.value(response);
    }
}

/// Puts the header in front of what was appended to `out` since `frame_at`.
/// Errors: invalid_format (the payload is over the limit of control frames).
result<done_t> finish_request(std::vector<std::byte>& out, std::size_t frame_at, command_code code);
void finish_response(std::vector<std::byte>& out, std::size_t frame_at);

}  // namespace detail

/// Reads the payload of a request. What follows a complete request is ignored. Errors:
/// invalid_command (truncated, not UTF-8, an unknown kind), invalid_format (an empty name, a
/// numeric identifier that is not 4 bytes long, permissions that are not as long as they say).
template <class Request>
result<Request> decode_request(byte_view payload) {
    reader wire{payload};
    Request request;
    wire.value(request);
    if (wire.failed()) {
        return wire.error();
    }
    return request;
}

/// Appends a whole request frame to `out`, which is left as it was on an error. Errors:
/// invalid_format (an empty name, or text that is too long).
template <class Request>
result<done_t> encode_request(const Request& request, std::vector<std::byte>& out) {
    const std::size_t frame_at = out.size();
    out.resize(frame_at + frame_header_bytes);
    writer wire{out};
    wire.value(request);
    if (wire.failed()) {
        out.resize(frame_at);
        return error_code::invalid_format;
    }
    return detail::finish_request(out, frame_at, Request::code);
}

/// Reads the payload of a successful response; `Response` is `Request::response_type`. An optional
/// one is empty when the payload is. Errors: as `decode_request`.
/// A `polled_messages` borrows from `payload`; everything else owns what it holds.
template <class Response>
result<Response> decode_response(byte_view payload) {
    reader wire{payload};
    Response response{};
    detail::response_layout(wire, response);
    if (wire.failed()) {
        return wire.error();
    }
    return response;
}

/// Appends a whole response frame with status 0. The values were checked when they came in: names
/// have 1 to 255 bytes, counts are those of their lists.
template <class Response>
void encode_response(const Response& response, std::vector<std::byte>& out) {
    const std::size_t frame_at = out.size();
    out.resize(frame_at + frame_header_bytes);
    writer wire{out};
    detail::response_layout(wire, response);
    IGGY_ASSERT(!wire.failed(), "a response is made of values that were checked before");
    detail::finish_response(out, frame_at);
}

/// Appends a response frame that carries a failure: status and length 0.
void encode_error(error_code code, std::vector<std::byte>& out);

}  // namespace iggy::protocol
