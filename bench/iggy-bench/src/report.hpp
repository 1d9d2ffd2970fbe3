#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "comparison.hpp"
#include "failure.hpp"
#include "machine.hpp"
#include "target.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// Everything that a run found out.
struct report {
    bench_command command;
    std::string uuid;
    std::string timestamp;  ///< of the end of the run
    machine client;
    target_figures server;
    std::optional<comparison> beside;
};

/// `pinned_producer`, and as words: `Pinned Producer`.
std::string_view snake_name(bench_kind kind) noexcept;
std::string_view words_of(bench_kind kind) noexcept;
/// `1000`, `100..200`
std::string to_string(const number_range& range);

/// The JSON text of a report, in one line. Source: Iggy 0.8, core/bench/report.
std::string to_json(const report& of);

/// Writes `report.json` and `bench.log`, which is `console`, into a directory named after the run.
/// Returns its path. Errors: those of the file system.
result<std::string> write_result_directory(const report& of, const std::string& console);

}  // namespace iggy::bench
