#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "arguments.hpp"

/// Options and arguments of the kinds that commands need, each checked while it is read. All go
/// through one non-template function of CLI11, which keeps it cheap to compile.
namespace iggy::cli {

/// CLI11 takes a word `[a,b]` for a list of two, and does not hand the words after `--` to optional
/// arguments. A mark in front of such words keeps them whole until they are read; the `--` goes.
std::vector<std::string> shielded(const std::vector<std::string>& words);
std::string unshielded(const std::string& word);

using text_reader = std::function<void(const std::string&)>;

/// `names` with dashes make an option, without an argument. `read` throws what `reject` makes.
CLI::Option* add_value(CLI::App& app, const std::string& names, const std::string& help,
                       text_reader read);
/// Takes all that follows (an argument) or may be given several times (an option).
CLI::Option* add_values(CLI::App& app, const std::string& names, const std::string& help,
                        text_reader read_each);
CLI::Option* add_switch(CLI::App& app, const std::string& names, const std::string& help,
                        bool& into);

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& help,
                      std::string& into);
CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& help,
                      std::optional<std::string>& into);
CLI::Option* add_number(CLI::App& app, const std::string& names, const std::string& help,
                        std::uint32_t& into, std::uint32_t least = 0,
                        std::uint32_t greatest = UINT32_MAX);
CLI::Option* add_big_number(CLI::App& app, const std::string& names, const std::string& help,
                            std::uint64_t& into);
CLI::Option* add_identifier(CLI::App& app, const std::string& names, const std::string& help,
                            named& into);
CLI::Option* add_list_mode(CLI::App& app, list_mode& into);

/// The error of a value that is not as it should be: `why` says what would be accepted.
[[noreturn]] void reject(const std::string& value, const std::string& why);

}  // namespace iggy::cli
