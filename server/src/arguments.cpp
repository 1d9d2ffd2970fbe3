#include "arguments.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

namespace iggy::server {
namespace {

constexpr int usage_error = 2;

constexpr const char* description =
    "Persistent message streaming, speaking the Apache Iggy 0.8 protocol.";

constexpr const char* examples =
    "Examples:\n"
    "  iggy-server --with-default-root-credentials\n"
    "      start in the working directory; log in as iggy with password iggy\n"
    "  IGGY_ROOT_USERNAME=admin IGGY_ROOT_PASSWORD=secret iggy-server\n"
    "      choose the root user of a new data directory\n"
    "  IGGY_CONFIG_PATH=/etc/iggy/server.toml IGGY_TCP_ADDRESS=0.0.0.0:8090 iggy-server\n"
    "      another configuration file, and one key from the environment\n"
    "\n"
    "Without credentials the password of root is random and printed once at the first start.\n"
    "All keys: configs/server.toml and docs/configuration.md.";

}  // namespace

std::string version_text() { return "iggy-server " IGGY_VERSION " (Apache Iggy 0.8.0 protocol)"; }

expected<server_arguments, early_exit> parse_arguments(int argc, const char* const* argv) {
    server_arguments arguments;
    std::string config_provider;
    CLI::App app{description, "iggy-server"};
    app.footer(examples);
    app.set_version_flag("-V,--version", version_text());
    app.add_option("-c,--config-provider", config_provider,
                   "Accepted for compatibility; the configuration always comes from a file and "
                   "the environment");
    app.add_flag("-f,--fresh", arguments.fresh,
                 "Delete the data directory (system.path) before starting");
    app.add_flag("--with-default-root-credentials", arguments.with_default_root_credentials,
                 "Use \"iggy\" for what IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD leave open; "
                 "not for production");
    app.add_flag("--follower", arguments.follower,
                 "Show this node as a follower in cluster metadata (needs cluster.enabled)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream err;
        const bool is_help = app.exit(error, out, err) == 0;
        if (is_help) {
            return early_exit{0, out.str()};
        }
        return early_exit{usage_error, err.str()};
    }
    return arguments;
}

}  // namespace iggy::server
