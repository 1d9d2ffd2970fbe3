#include "service/passwords.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "users/password.hpp"

namespace iggy::server {

namespace asio = boost::asio;

asio::awaitable<bool> password_threads::verify(std::string password, std::string hash) {
    co_return co_await asio::co_spawn(
        threads_, [&]() -> asio::awaitable<bool> { co_return verify_password(password, hash); },
        asio::use_awaitable);
}

asio::awaitable<text_result<std::string>> password_threads::hash(std::string password) {
    text_result<std::string> made{text_error{"the thread for it has ended"}};
    co_await asio::co_spawn(
        threads_,
        [&]() -> asio::awaitable<void> {
            made = hash_password(password);
            co_return;
        },
        asio::use_awaitable);
    co_return made;
}

}  // namespace iggy::server
