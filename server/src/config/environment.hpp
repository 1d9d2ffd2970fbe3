#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace iggy::server {

/// Environment variables by name. The server reads its own once; tests make theirs.
using environment = std::map<std::string, std::string, std::less<>>;

environment process_environment();

/// The value of a variable that is set and not empty.
std::optional<std::string> variable(const environment& variables, std::string_view name);

/// Adds the variables of a dotenv file to those that are not set yet: the file named by
/// IGGY_ENV_PATH, else the first `.env` in `directory` and above it. Returns the line to print
/// when a file was read, or a warning when the named one could not be.
std::optional<std::string> load_dotenv(environment& variables,
                                       const std::filesystem::path& directory);

/// The variables that dotenv text defines: `NAME=value` lines, optional `export`, `#` comments,
/// single quotes (literal) and double quotes (`\n`, `\t`, `\"`, `\\`). Other lines are skipped.
environment parse_dotenv(std::string_view text);

/// The regular file that `path` names: absolute as it is, relative in `directory` or the nearest
/// parent that has it.
std::optional<std::filesystem::path> find_file(const std::filesystem::path& path,
                                               std::filesystem::path directory);

/// The whole file, unless it cannot be read or is larger than `bytes_max`.
std::optional<std::string> read_small_file(const std::filesystem::path& path,
                                           std::size_t bytes_max);

}  // namespace iggy::server
