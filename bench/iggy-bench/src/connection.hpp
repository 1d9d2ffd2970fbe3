#pragma once

#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/client/options.hpp>

#include "failure.hpp"

namespace iggy::bench {

/// One blocking TCP connection, logged in, with one request in flight: the least that a client can
/// do, so that what is measured is the server. Not thread-safe.
class connection {
public:
    /// `to.login` is a password_login. Larger answers than `to.response_bytes_max` are refused.
    static result<connection> open(const client::options& to);

    connection(connection&& other) noexcept;
    connection& operator=(connection&&) = delete;
    ~connection();

    /// Sends a whole request frame; the payload of its answer, borrowed until the next call.
    result<byte_view> exchange(byte_view frame);

private:
    connection(int socket, std::size_t response_bytes_max) noexcept
        : socket_{socket}, response_bytes_max_{response_bytes_max} {}
    failure lost() const;

    int socket_;
    std::size_t response_bytes_max_;
    std::vector<std::byte> answer_ = std::vector<std::byte>(first_answer_bytes);
    static constexpr std::size_t first_answer_bytes = std::size_t{64} * 1024;
};

}  // namespace iggy::bench
