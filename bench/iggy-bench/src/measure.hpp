#pragma once

#include <atomic>
#include <optional>

#include "comparison.hpp"
#include "failure.hpp"
#include "target.hpp"
#include "workload.hpp"

namespace iggy::bench {

struct measured {
    target_figures server;
    std::optional<comparison> beside;  ///< when the limit was asked for
};

/// Does the work of a command line: alone in one turn, or in turns with the bare server. `stop`
/// ends it early. Errors: those of the servers, nothing was sent or received.
result<measured> measure(const bench_command& command, const target::warn_function& warn,
                         std::atomic<bool>& stop);

}  // namespace iggy::bench
