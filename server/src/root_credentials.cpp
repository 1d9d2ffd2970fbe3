#include "root_credentials.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "users/password.hpp"

namespace iggy::server {
namespace {

constexpr std::string_view username_variable = "IGGY_ROOT_USERNAME";
constexpr std::string_view password_variable = "IGGY_ROOT_PASSWORD";
constexpr std::string_view default_credential = "iggy";

/// A random byte below `bound`, each equally likely.
text_result<std::size_t> random_below(std::size_t bound) {
    const std::size_t fair_end = 256 - 256 % bound;
    for (;;) {
        unsigned char byte = 0;
        const ssize_t got = ::getrandom(&byte, 1, 0);
        if (got != 1 && errno != EINTR) {
            return text_error{
                "cannot make a random root password: " + std::generic_category().message(errno) +
                "; set " + std::string{username_variable} + " and " +
                std::string{password_variable}};
        }
        if (got == 1 && byte < fair_end) {
            return byte % bound;
        }
    }
}

/// 20 to 39 letters and digits.
text_result<std::string> random_password() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const auto extra = random_below(20);
    if (!extra) {
        return extra.error();
    }
    std::string password;
    while (password.size() < 20 + *extra) {
        const auto letter = random_below(alphabet.size());
        if (!letter) {
            return letter.error();
        }
        password += alphabet[*letter];
    }
    return password;
}

/// The name of a variable comes first; a password itself is never shown.
text_result<done_t> check_length(std::string_view name, std::string_view value, std::size_t least,
                                 std::size_t most) {
    if (value.size() < least || value.size() > most) {
        return text_error{std::string{name} + " has " + std::to_string(value.size()) +
                          " bytes; accepted: " + std::to_string(least) + " to " +
                          std::to_string(most)};
    }
    return done;
}

}  // namespace

std::optional<std::string> add_default_root_credentials(environment& variables) {
    const bool both_set =
        variables.contains(username_variable) && variables.contains(password_variable);
    if (both_set) {
        return "--with-default-root-credentials does nothing: " + std::string{username_variable} +
               " and " + std::string{password_variable} + " are both set";
    }
    variables.try_emplace(std::string{username_variable}, default_credential);
    variables.try_emplace(std::string{password_variable}, default_credential);
    return std::nullopt;
}

text_result<root_credentials> resolve_root_credentials(const environment& variables) {
    const auto username = variables.find(username_variable);
    const auto password = variables.find(password_variable);
    const bool has_username = username != variables.end();
    const bool has_password = password != variables.end();
    if (has_username != has_password) {
        return text_error{std::string{has_username ? username_variable : password_variable} +
                          " is set and " +
                          std::string{has_username ? password_variable : username_variable} +
                          " is not; set both or none of them"};
    }
    if (!has_username) {
        auto made = random_password();
        if (!made) {
            return made.error();
        }
        return root_credentials{std::string{default_credential}, std::move(*made), true};
    }
    if (auto fits = check_length(username_variable, username->second, username_bytes_min,
                                 username_bytes_max);
        !fits) {
        return fits.error();
    }
    if (auto fits = check_length(password_variable, password->second, password_bytes_min,
                                 password_bytes_max);
        !fits) {
        return fits.error();
    }
    return root_credentials{username->second, password->second, false};
}

std::string generated_password_line(const root_credentials& credentials) {
    return "Generated root user password: " + credentials.password;
}

}  // namespace iggy::server
