#pragma once

#include <span>
#include <string>

namespace iggy::bench {

/// Runs a command line without the program's name; returns the exit code: 0 done, 1 the benchmark
/// failed, 2 the command line is wrong.
int run(std::span<const std::string> words);

}  // namespace iggy::bench
