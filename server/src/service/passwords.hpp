#pragma once

#include <cstddef>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <iggy/base/text_error.hpp>

namespace iggy::server {

/// Hashes and verifies passwords. That takes tens of milliseconds and 19 MiB each, so it has
/// threads of its own, and few: syncs do not wait behind logins, and however many clients log in at
/// once, the memory for it is bounded. Any shard may use it.
class password_threads {
public:
    /// As verify_password; the caller goes on where it was.
    boost::asio::awaitable<bool> verify(std::string password, std::string hash);
    /// As hash_password, with its errors.
    boost::asio::awaitable<text_result<std::string>> hash(std::string password);

private:
    static constexpr std::size_t threads_max = 2;

    boost::asio::thread_pool threads_{threads_max};
};

}  // namespace iggy::server
