#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <iggy/client/error.hpp>
#include <iggy/client/options.hpp>
#include <iggy/client/polled_batch.hpp>
#include <iggy/protocol/command_code.hpp>

#include "byte_stream.hpp"

namespace iggy::client::detail {

/// One connection and the rules of request and answer on it, whatever carries the bytes. Callers
/// hold `mutex()` from encoding to answer: that is one turn.
class session {
public:
    session(std::unique_ptr<byte_stream> stream, const options& options) noexcept;

    std::mutex& mutex() noexcept { return mutex_; }
    std::vector<std::byte>& frame() noexcept { return frame_; }

    /// Sends `frame()`, waits for the answer. A failure that leaves the two sides out of step ends
    /// the connection.
    result<owned_bytes> exchange(protocol::command_code code);
    /// Closes the connection; every further exchange fails.
    void close() noexcept { stream_.reset(); }

private:
    result<owned_bytes> send_and_receive(protocol::command_code code);

    std::mutex mutex_;
    std::unique_ptr<byte_stream> stream_;  ///< none once the connection is given up
    std::chrono::milliseconds request_timeout_;
    std::uint32_t response_bytes_max_;
    std::vector<std::byte> frame_;
};

}  // namespace iggy::client::detail
