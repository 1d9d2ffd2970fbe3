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
    "  iggy-server verify local_data\n"
    "      check a data directory that no server uses\n"
    "\n"
    "Without credentials the password of root is random and printed once at the first start.\n"
    "All keys: configs/server.toml and docs/configuration.md.";

constexpr const char* verify_description =
    "Check a data directory that no server uses: every message of every segment, the indexes, the "
    "manifest, the catalog, stored offsets. Nothing is changed, unless --repair asks for it; no "
    "log "
    "is ever removed or cut.";

constexpr const char* verify_footer =
    "Results go to the standard output, progress to the standard error.\n"
    "\n"
    "  note    as a crash or an unfinished removal leaves it; the next start settles it\n"
    "  cache   an index that does not hold; no message is concerned\n"
    "  damage  what was stored is not there any more, or not as it was stored\n"
    "\n"
    "Ends with 0: all is intact (notes may be there); 1: damage, or an index that was not made "
    "anew;\n"
    "2: it could not be checked (in use, no data directory, of a newer version, wrong usage).\n"
    "\n"
    "Examples:\n"
    "  iggy-server verify local_data\n"
    "  iggy-server verify --repair local_data\n"
    "      make damaged indexes anew, so that the next reads need not\n"
    "  iggy-server verify --json local_data | jq 'select(.type == \"log\" and (.intact | not))'\n"
    "      only the logs with damage";

void add_verify(CLI::App& app, verify_arguments& arguments) {
    CLI::App* const verify = app.add_subcommand("verify", verify_description);
    verify->footer(verify_footer);
    verify->add_option("DIR", arguments.directory, "Data directory (system.path)")->required();
    verify->add_flag("--json", arguments.json, "Results as JSON, one object a line");
    verify->add_flag("--repair", arguments.repair,
                     "Make indexes anew that do not hold; the only thing that is ever written");
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_name() != "--help" && option->get_name() != "--version") {
            verify->excludes(app.get_option(option->get_name()));
        }
    }
}

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
    verify_arguments verify;
    add_verify(app, verify);
    try {
        app.parse(argc, argv);
        if (app.got_subcommand("verify")) {
            arguments.verify = verify;
        }
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
