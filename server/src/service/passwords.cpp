#include "service/passwords.hpp"

#include <iggy/storage_asio.hpp>

#include "users/password.hpp"

namespace iggy::server {

namespace asio = boost::asio;

asio::awaitable<bool> verify_slowly(shard& here, std::string password, std::string hash) {
    bool verified = false;
    const auto verify = [&]() -> storage::result<done_t> {
        verified = verify_password(password, hash);
        return done;
    };
    const auto outcome = co_await storage::run_blocking(here.disk(), here.engine(), verify);
    co_return outcome&& verified;
}

asio::awaitable<text_result<std::string>> hash_slowly(shard& here, std::string password) {
    text_result<std::string> hash{text_error{"the helper thread did not run"}};
    const auto work = [&]() -> storage::result<done_t> {
        hash = hash_password(password);
        return done;
    };
    const auto outcome = co_await storage::run_blocking(here.disk(), here.engine(), work);
    if (!outcome) {
        co_return text_error{storage::describe(outcome.error())};
    }
    co_return hash;
}

}  // namespace iggy::server
