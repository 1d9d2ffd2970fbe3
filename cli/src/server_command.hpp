#pragma once

#include "arguments.hpp"
#include "failure.hpp"

namespace iggy::cli {

/// Becomes the `iggy-server` that stands beside this program, or in `../bin` next to its directory.
/// Returns only when there is none or it cannot be started.
failure run_server(const server_command& command);

}  // namespace iggy::cli
