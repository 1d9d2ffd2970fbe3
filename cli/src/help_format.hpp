#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;       // NOLINT(readability-identifier-naming)
}

namespace iggy::cli {

/// Description, usage, arguments, options, commands and examples of a (sub)command.
std::string help_text(const CLI::App& app);

/// The `Commands:` part alone.
std::string commands_text(const CLI::App& app);

/// `iggy stream create [OPTIONS] <NAME>`
std::string usage_text(const CLI::App& app);

}  // namespace iggy::cli
