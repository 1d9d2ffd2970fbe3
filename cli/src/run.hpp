#pragma once

#include <span>
#include <string>

namespace iggy::cli {

/// The program without its name: parses, runs, prints. Returns the exit code: 0 success, 1 failure,
/// 2 a wrong command line.
int run(std::span<const std::string> command_line);

}  // namespace iggy::cli
