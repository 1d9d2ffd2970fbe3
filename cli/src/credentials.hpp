#pragma once

#include <iggy/client/options.hpp>

#include "arguments.hpp"
#include "failure.hpp"

namespace iggy::cli {

/// Who logs in, first match wins: token, user name (the password is asked for when it is missing:
/// on the terminal without echo, or one line of standard input), IGGY_USERNAME and IGGY_PASSWORD
/// of the environment. Errors: none of them is there.
result<client::credentials> resolve_credentials(const connection_arguments& given);

}  // namespace iggy::cli
