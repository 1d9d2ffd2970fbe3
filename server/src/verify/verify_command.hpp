#pragma once

#include "arguments.hpp"

namespace iggy::server {

/// `iggy-server verify`: prints what is found. Returns the exit code: 0 when all is intact, 1 when
/// something is damaged or an index does not hold, 2 when the directory could not be checked.
int run_verify(const verify_arguments& arguments) noexcept;

}  // namespace iggy::server
