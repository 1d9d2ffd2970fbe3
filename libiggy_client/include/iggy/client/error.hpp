#pragma once

#include <cstdint>
#include <string>

#include <iggy/base/expected.hpp>
#include <iggy/protocol/error_code.hpp>

namespace iggy::client {

/// What kind of failure an error is, and so what a program can do about it.
enum class errc : std::uint8_t {
    unknown,
    /// The server answered with an error code; the connection is as good as before.
    rejected,
    /// The request has no wire form (an empty name, too many bytes); nothing was sent.
    invalid_request,
    invalid_connection_string,
    /// Asked for something that this version of the library does not do.
    not_supported,
    cannot_resolve,
    cannot_connect,
    /// No answer in time. Whether the server carried the request out is not known.
    timeout,
    /// The connection was closed, or was given up after an earlier failure.
    disconnected,
    /// The answer is larger than `options::response_bytes_max`.
    response_too_large,
    /// The answer is not one of this protocol.
    malformed_response,
};

/// Why a call failed. After `timeout`, `disconnected`, `response_too_large` and
/// `malformed_response` the connection is gone and every further call fails as `disconnected`.
struct error {
    errc kind = errc::unknown;
    /// What the server answered, for `rejected` and `invalid_request`.
    protocol::error_code code = protocol::error_code::error;
    /// errno of the failed system call; 0 when there was none.
    int os_error = 0;
    /// What failed, where and what to do about it.
    std::string text;
};

/// The whole story in one line.
std::string describe(const error& failure);

template <class T>
using result = iggy::expected<T, error>;

}  // namespace iggy::client
