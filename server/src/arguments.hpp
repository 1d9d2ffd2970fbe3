#pragma once

#include <optional>
#include <string>

#include <iggy/base/expected.hpp>

namespace iggy::server {

/// `iggy-server verify DIR`.
struct verify_arguments {
    std::string directory;
    bool json = false;    ///< results as JSON, one object a line
    bool repair = false;  ///< make caches anew that do not hold
};

/// What the command line of `iggy-server` asks for.
struct server_arguments {
    bool fresh = false;                          ///< delete the data directory first
    bool with_default_root_credentials = false;  ///< what is missing of them is `iggy`
    bool follower = false;                     ///< show this node as a follower in cluster metadata
    std::optional<verify_arguments> verify{};  ///< check a data directory instead of serving
};

/// Why the process ends right after its command line was read: help, version (code 0, text for
/// stdout) or a usage error (code 2, text for stderr).
struct early_exit {
    int code = 0;
    std::string text;
};
inline std::string describe(const early_exit& exit) { return exit.text; }

/// Reads the command line. Never prints and never exits.
expected<server_arguments, early_exit> parse_arguments(int argc, const char* const* argv);

/// `iggy-server 0.1.0 (Apache Iggy 0.8.0 protocol)`.
std::string version_text();

}  // namespace iggy::server
