#pragma once

#include <span>
#include <string>
#include <variant>

#include "workload.hpp"

namespace iggy::bench {

/// The command line says something to print instead of a run: help, version or examples (exit code
/// 0, to standard output), or what is wrong with it (exit code 2, to standard error).
struct parse_message {
    std::string text;
    int exit_code = 0;
};

/// Reads a command line without the program's name.
std::variant<bench_command, parse_message> parse_command_line(std::span<const std::string> words);

}  // namespace iggy::bench
