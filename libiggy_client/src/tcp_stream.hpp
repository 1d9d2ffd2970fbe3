#pragma once

#include <memory>
#include <string>
#include <utility>

#include <iggy/client/options.hpp>

#include "byte_stream.hpp"

namespace iggy::client {

/// A connected TCP socket, non-blocking, closed at the end. Not thread-safe.
class tcp_stream final : public byte_stream {
public:
    /// One attempt, bounded by `options.connect_timeout`: every address of the host in turn.
    /// Errors: cannot_resolve, cannot_connect, timeout.
    static result<std::unique_ptr<byte_stream>> connect(const options& options);

    /// Takes a connected, non-blocking socket; `peer` names the other side in errors.
    tcp_stream(int fd, std::string peer) noexcept : fd_{fd}, peer_{std::move(peer)} {}
    ~tcp_stream() override;
    tcp_stream(const tcp_stream&) = delete;
    tcp_stream& operator=(const tcp_stream&) = delete;

    result<done_t> write(byte_view bytes, const deadline& until) override;
    result<done_t> read(byte_span bytes, const deadline& until) override;

private:
    /// Waits until the socket is ready for `events`. Errors: timeout.
    result<done_t> wait_for(short events, const deadline& until, const char* doing);
    error lost(int os_error, const char* doing) const;

    int fd_;
    std::string peer_;
};

}  // namespace iggy::client
