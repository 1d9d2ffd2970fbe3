#pragma once

#include "config/environment.hpp"
#include "config/server_config.hpp"
#include "log/log.hpp"

namespace iggy::server::log {

/// What `system.logging` asks for. RUST_LOG, even an empty one, overrides the filter.
options options_of(const server_config& config, const environment& variables);

}  // namespace iggy::server::log
