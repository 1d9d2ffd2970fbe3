#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy::server {

/// Lengths in bytes. Source: Iggy 0.8, core/common/src/http/users/defaults.rs.
inline constexpr std::size_t username_bytes_min = 3;
inline constexpr std::size_t username_bytes_max = 50;
inline constexpr std::size_t password_bytes_min = 3;
inline constexpr std::size_t password_bytes_max = 100;

constexpr bool is_valid_username(std::string_view name) noexcept {
    return name.size() >= username_bytes_min && name.size() <= username_bytes_max;
}
constexpr bool is_valid_password(std::string_view password) noexcept {
    return password.size() >= password_bytes_min && password.size() <= password_bytes_max;
}

/// Argon2id of the password with a fresh salt as a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`),
/// the parameters of Iggy 0.8. Takes about 20 ms and 19 MiB: call it on a helper thread. Errors: no
/// random bytes, out of memory.
text_result<std::string> hash_password(std::string_view password);

/// Whether the password is the hashed one; accepts any parameters that a PHC string of Argon2i, d
/// or id names, up to 1 GiB of memory, so that a damaged hash cannot ask for more. As slow as
/// hashing. False for a string that is no such hash.
bool verify_password(std::string_view password, const std::string& phc);

/// What the password of a user that does not exist is verified against, so that the answer takes as
/// long as for one that does: zeros where the hash stands, which no known password gives.
std::string hash_of_nobody();

}  // namespace iggy::server
