#pragma once

#include <span>
#include <string>
#include <variant>

#include "arguments.hpp"

namespace iggy::cli {

/// The command line says something to print instead of a command: help or version (exit code 0, to
/// standard output), or what is wrong with it (exit code 2, to standard error).
struct parse_message {
    std::string text;
    int exit_code = 0;
};

/// Reads a command line without the program's name.
std::variant<arguments, parse_message> parse_arguments(std::span<const std::string> command_line);

/// What the program shows without arguments: its name in large letters and the list of commands.
std::string overview();

}  // namespace iggy::cli
