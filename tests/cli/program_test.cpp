// The `iggy` program as a whole, where it needs no server.

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace iggy::test;

namespace {

/// Runs `iggy` with a home of its own.
class program {
public:
    run_outcome operator()(std::vector<std::string> arguments, const std::string& input = {}) {
        child_options options;
        options.program = IGGY_TEST_CLI_PROGRAM;
        options.arguments = std::move(arguments);
        options.environment = environment;
        options.environment["IGGY_HOME"] = home.path();
        return run_program(options, input);
    }
    std::map<std::string, std::string> environment;
    temporary_directory home;
};

}  // namespace

TEST_CASE("iggy: without arguments it shows the overview", "[cli]") {
    const auto ran = program{}({});
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.out, Catch::Contains("Usage: iggy [OPTIONS] [COMMAND]"));
    CHECK(ran.err.empty());
}

TEST_CASE("iggy: a wrong command line is told on standard error with exit code 2", "[cli]") {
    const auto ran = program{}({"stream", "frobnicate"});
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::StartsWith("error: "));
}

TEST_CASE("iggy: nobody to log in as is told in upstream's words", "[cli]") {
    const auto ran = program{}({"stream", "list"});
    CHECK(ran.exit_code == 1);
    CHECK(ran.out.empty());
    CHECK(ran.err ==
          "Error: CommandError(Iggy command line tool error\n\nCaused by:\n    Missing iggy server "
          "credentials)\n");
}

TEST_CASE("iggy: a server that is not there ends in an error after the retries", "[cli]") {
    const auto ran =
        program{}({"--tcp-server-address", "127.0.0.1:1", "--tcp-reconnection-max-retries", "2",
                   "--tcp-reconnection-interval", "1ms", "ping"});
    CHECK(ran.exit_code == 1);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::StartsWith("Error: IggyClient(CannotEstablishConnection)\n") &&
                            Catch::Contains("127.0.0.1:1") && Catch::Contains("tried 3 times"));
}

TEST_CASE("iggy: features that are not there yet are refused, not ignored", "[cli]") {
    program iggy;
    for (const auto& option : {std::vector<std::string>{"--transport", "quic"},
                               {"--transport", "http"},
                               {"--transport", "ws"},
                               {"--tcp-tls-enabled"},
                               {"--encryption-key", "x"},
                               {"-n", "x"},
                               {"-d", "log.txt"}}) {
        auto arguments = option;
        arguments.emplace_back("ping");
        const auto ran = iggy(arguments);
        CHECK(ran.exit_code == 1);
        CHECK_THAT(ran.err, Catch::Contains("not supported by this version"));
    }
    CHECK(iggy({"--transport", "carrier-pigeon", "ping"}).err ==
          "Error: IggyClient(InvalidTransport(\"carrier-pigeon\"))\n");
}

TEST_CASE("iggy: server runs the iggy-server beside it with all that follows", "[cli]") {
    const temporary_directory dir;
    const auto copy = dir / "iggy";
    std::filesystem::copy_file(IGGY_TEST_CLI_PROGRAM, copy);
    child_options options;
    options.program = copy;
    options.arguments = {"server", "--flag", "a b", "--help"};

    const auto absent = run_program(options);
    CHECK(absent.exit_code == 1);
    CHECK_THAT(absent.err, Catch::Contains("there is no iggy-server at " + dir.path()));

    const auto server = dir / "iggy-server";
    std::ofstream{server} << "#!/bin/sh\nfor word; do echo \"<$word>\"; done\nexit 7\n";
    std::filesystem::permissions(server, std::filesystem::perms::owner_all);
    const auto ran = run_program(options);
    CHECK(ran.exit_code == 7);
    CHECK(ran.out == "<--flag>\n<a b>\n<--help>\n");
}

TEST_CASE("iggy: contexts are created, used, listed and deleted", "[cli]") {
    program iggy;
    CHECK(iggy({"context", "list"}).out ==
          "Executing list contexts in table mode\n"
          "+----------+\n"
          "| Name     |\n"
          "+==========+\n"
          "| default* |\n"
          "+----------+\n");
    CHECK(iggy({"context", "create", "dev", "--tcp-server-address", "127.0.0.1:1", "-u", "a", "-p",
                "b", "--tcp-tls-enabled", "false"})
              .out == "Executing create context dev\ncontext 'dev' created successfully\n");
    CHECK(iggy({"ctx", "use", "dev"}).out ==
          "Executing use context dev\nactive context set to 'dev'\n");
    CHECK(iggy({"context", "list", "-l", "list"}).out ==
          "Executing list contexts in list mode\ndefault\ndev*\n");
    const auto status = std::filesystem::status(iggy.home / "contexts.toml");
    CHECK(status.permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));

    const auto used = iggy({"--tcp-reconnection-max-retries", "0", "me"});
    CHECK_THAT(used.err, Catch::Contains("127.0.0.1:1"));

    CHECK(iggy({"context", "delete", "dev"}).out ==
          "Executing delete context dev\ncontext 'dev' deleted successfully\n");
    CHECK(read_text(iggy.home / ".active_context") == "default");
}

TEST_CASE("iggy: contexts refuse what would break them", "[cli]") {
    program iggy;
    const auto error = [&](std::vector<std::string> arguments) {
        const auto ran = iggy(std::move(arguments));
        CHECK(ran.exit_code == 1);
        return ran.err;
    };
    iggy({"context", "create", "dev"});
    CHECK(error({"context", "create", "dev"}) ==
          "Error: CommandError(context 'dev' already exists in contexts.toml)\n");
    CHECK(error({"context", "create", "default"}) ==
          "Error: CommandError(cannot create a context named 'default' - it is reserved)\n");
    CHECK(error({"context", "create", " "}) ==
          "Error: CommandError(context name cannot be empty or whitespace-only)\n");
    CHECK(error({"context", "create", "a/b"}) ==
          "Error: CommandError(context name must contain only alphanumeric characters, hyphens, "
          "and underscores)\n");
    CHECK(error({"context", "create", "x", "--transport", "foo"}) ==
          "Error: CommandError(invalid transport 'foo' - valid values are: tcp, quic, http, ws)\n");
    CHECK(error({"context", "use", "absent"}) ==
          "Error: CommandError(context key 'absent' is missing from contexts.toml)\n");
    CHECK(error({"context", "delete", "default"}) ==
          "Error: CommandError(cannot delete the 'default' context)\n");
    CHECK(error({"context", "delete", "absent"}) ==
          "Error: CommandError(context 'absent' not found in contexts.toml)\n");

    std::ofstream{iggy.home / "contexts.toml"} << "broken [";
    CHECK_THAT(error({"ping"}), Catch::StartsWith("Error: CommandError(could not read context "
                                                  "state\n\nCaused by:\n    "));
}
