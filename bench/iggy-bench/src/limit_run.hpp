#pragma once

#include <atomic>

#include "failure.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// Measures what this machine allows and prints it on standard output. `stop` ends it early, with
/// an error. Errors: those of the system.
result<done_t> run_limit(const limit_command& command, std::atomic<bool>& stop);

}  // namespace iggy::bench
