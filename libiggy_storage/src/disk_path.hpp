#pragma once

#include <string_view>

#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// Checks a path given to a disk: names with '/' between, none of them empty, "." or "..", no NUL,
/// names of at most 255 bytes, 4000 bytes in all. Errors: invalid_argument.
result<done_t> check_path(std::string_view path);

/// The same where the root is allowed too: it is called "".
result<done_t> check_directory_path(std::string_view path);

}  // namespace iggy::storage
