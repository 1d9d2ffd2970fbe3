#include "service/session_commands.hpp"

#include <string_view>

#include "service/passwords.hpp"
#include "users/password.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

asio::awaitable<protocol::result<protocol::login_response>> run(
    call made, const protocol::login_user& request) {
    if (made.server.stopping) {
        co_return error_code::disconnected;
    }
    if (!is_valid_username(request.username)) {
        co_return error_code::invalid_username;
    }
    if (!is_valid_password(request.password)) {
        co_return error_code::invalid_password;
    }
    const auto state = made.state();
    const user_entry* const user = state->users.find(std::string_view{request.username});
    if (user == nullptr) {
        // As slow as a wrong password, so that time does not tell which names exist.
        co_await made.server.passwords.verify(request.password, hash_of_nobody());
        co_return error_code::invalid_credentials;
    }
    if (user->status == protocol::user_status::inactive) {
        co_return error_code::user_inactive;
    }
    const bool verified =
        co_await made.server.passwords.verify(request.password, user->password_hash);
    if (!verified) {
        co_return error_code::invalid_credentials;
    }
    made.who.log_in({user->id, user->born});
    co_return protocol::login_response{user->id};
}

protocol::result<protocol::empty_response> run(call made, const protocol::logout_user&) {
    made.who.log_out();
    return protocol::empty_response{};
}

}  // namespace iggy::server
