#include "service/user_commands.hpp"

#include <variant>

#include "log/log.hpp"
#include "service/catalog_changes.hpp"
#include "service/passwords.hpp"
#include "users/password.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

namespace {

using empty_outcome = protocol::result<protocol::empty_response>;
using details_outcome = protocol::result<protocol::user_details>;

protocol::user_info info_of(const user_entry& user) {
    return {user.id, user.created_at, user.status, user.name};
}

asio::awaitable<protocol::result<std::string>> hash_for(call made, std::string password) {
    const auto hash = co_await made.server.passwords.hash(std::move(password));
    if (!hash) {
        log::error("server::users", "A password cannot be hashed: {}", hash.error().reason);
        co_return error_code::error;
    }
    co_return *hash;
}

}  // namespace

protocol::result<protocol::get_user::response_type> run(call made,
                                                        const protocol::get_user& request) {
    using response = protocol::get_user::response_type;
    const auto state = made.state();
    const user_entry* const user = state->users.find(request.user);
    const user_entry* const caller = state->find(*made.who.user);
    const bool own = user != nullptr && user == caller;
    if (!own && !made.is_allowed(*state)) {
        return error_code::unauthorized;
    }
    if (user == nullptr) {
        return response{};
    }
    return response{protocol::user_details{info_of(*user), user->permissions}};
}

protocol::result<protocol::get_users::response_type> run(call made, const protocol::get_users&) {
    const auto state = made.state();
    if (!made.is_allowed(*state)) {
        return error_code::unauthorized;
    }
    protocol::get_users::response_type users;
    for (const user_entry& user : state->users) {
        users.push_back(info_of(user));
    }
    return users;
}

asio::awaitable<details_outcome> run(call made, const protocol::create_user& request) {
    // Checked here as well, so that nobody without the right keeps the helper threads busy.
    if (!made.is_allowed(*made.state())) {
        co_return error_code::unauthorized;
    }
    if (!is_valid_username(request.username)) {
        co_return error_code::invalid_username;
    }
    if (!is_valid_password(request.password)) {
        co_return error_code::invalid_password;
    }
    auto hash = co_await hash_for(made, request.password);
    if (!hash) {
        co_return hash.error();
    }
    new_user wanted{request.username, std::move(*hash), request.status, request.permissions};
    const auto outcome = co_await execute(made, std::move(wanted));
    if (!outcome) {
        co_return outcome.error();
    }
    const auto& record = std::get<catalog_record::create_user>(outcome->command);
    const user_entry& user = *outcome->state->users.find(record.id);
    co_return protocol::user_details{info_of(user), user.permissions};
}

asio::awaitable<empty_outcome> run(call made, const protocol::delete_user& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::update_user& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::update_permissions& request) {
    return execute_quietly(made, request);
}

asio::awaitable<empty_outcome> run(call made, const protocol::change_password& request) {
    if (!is_valid_password(request.current_password) || !is_valid_password(request.new_password)) {
        co_return error_code::invalid_password;
    }
    const auto state = made.state();
    const user_entry* const user = state->users.find(request.user);
    if (user == nullptr || state->find(*made.who.user) == nullptr) {
        co_return error_code::resource_not_found;
    }
    if (user != state->find(*made.who.user) && !made.is_allowed(*state)) {
        co_return error_code::unauthorized;
    }
    const std::string verified = user->password_hash;
    const bool fits = co_await made.server.passwords.verify(request.current_password, verified);
    if (!fits) {
        co_return error_code::invalid_credentials;
    }
    auto hash = co_await hash_for(made, request.new_password);
    if (!hash) {
        co_return hash.error();
    }
    new_password wanted{request.user, verified, std::move(*hash)};
    co_return co_await execute_quietly(made, std::move(wanted));
}

}  // namespace iggy::server
