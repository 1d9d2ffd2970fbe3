#pragma once

#include <optional>
#include <string>

#include <iggy/base/text_error.hpp>

#include "config/environment.hpp"

namespace iggy::server {

/// Name and password of the root user of a new data directory.
struct root_credentials {
    std::string username;
    std::string password;
    bool password_is_random = false;  ///< then the caller prints `generated_password_line` once
};

/// What `--with-default-root-credentials` does: a missing IGGY_ROOT_USERNAME or
/// IGGY_ROOT_PASSWORD becomes `iggy`. Returns a warning when both were set already.
std::optional<std::string> add_default_root_credentials(environment& variables);

/// The credentials of IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD; with neither of them `iggy` and a
/// random password. To be asked only when there is no root user yet. Errors: one of the two
/// alone, a name outside of 3 to 50 bytes, a password outside of 3 to 100.
text_result<root_credentials> resolve_root_credentials(const environment& variables);

/// `Generated root user password: …`, for the standard output and never for the log.
std::string generated_password_line(const root_credentials& credentials);

}  // namespace iggy::server
