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

using any_command = std::variant<bench_command, limit_command, bare_server_command>;

/// Reads a command line without the program's name.
std::variant<any_command, parse_message> parse_command_line(std::span<const std::string> words);

}  // namespace iggy::bench
