#pragma once

#include <iggy/base/bytes.hpp>
#include <iggy/client/error.hpp>

#include "deadline.hpp"

namespace iggy::client {

/// Bytes to a server and back, in order: what every transport offers to a session. After an error
/// it is of no further use.
class byte_stream {
public:
    virtual ~byte_stream() = default;

    /// Writes all of `bytes`. Errors: timeout, disconnected.
    virtual result<done_t> write(byte_view bytes, const deadline& until) = 0;
    /// Fills all of `bytes`. Errors: timeout, disconnected (also when the peer closed).
    virtual result<done_t> read(byte_span bytes, const deadline& until) = 0;
};

}  // namespace iggy::client
