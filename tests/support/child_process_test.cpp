#include "support/child_process.hpp"

#include <signal.h>

#include <fstream>
#include <stdexcept>
#include <system_error>

#include "support/catch.hpp"
#include "support/server_process.hpp"

using namespace iggy::test;
using namespace std::chrono_literals;

namespace {

child_options shell(const std::string& script) {
    child_options options;
    options.program = "/bin/sh";
    options.arguments = {"-c", script};
    return options;
}

/// A stand-in for the server: writes the runtime file as the server does, then waits.
std::filesystem::path fake_server(const temporary_directory& dir, const std::string& script) {
    const auto program = dir / "fake-server";
    std::ofstream{program} << "#!/bin/sh\n" << script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program;
}

}  // namespace

TEST_CASE("child process: input, output and exit code of a program arrive", "[support]") {
    const auto outcome = run_program(shell("cat; echo oops >&2; exit 3"), "hello\n");
    CHECK(outcome.out == "hello\n");
    CHECK(outcome.err == "oops\n");
    CHECK(outcome.exit_code == 3);
}

TEST_CASE("child process: a program sees none of our IGGY_ variables but those given",
          "[support]") {
    ::setenv("IGGY_LEAKED", "1", 1);
    auto options = shell("echo \"$IGGY_LEAKED/$IGGY_GIVEN\"");
    options.environment["IGGY_GIVEN"] = "2";
    CHECK(run_program(options).out == "/2\n");
    ::unsetenv("IGGY_LEAKED");
}

TEST_CASE("child process: a program that does not end is reported as running, then killed",
          "[support]") {
    child_process sleeper{shell("exec sleep 1000")};
    CHECK_FALSE(sleeper.wait(1ms));
    sleeper.signal(SIGKILL);
    const auto ended = sleeper.wait(10s);
    REQUIRE(ended);
    CHECK(ended->signal == SIGKILL);
}

TEST_CASE("child process: a program that cannot be started throws", "[support]") {
    child_options options;
    options.program = "/nonexistent/program";
    CHECK_THROWS_AS(child_process{options}, std::system_error);
}

TEST_CASE("server process: the port is read from the runtime file", "[support]") {
    const temporary_directory dir;
    const auto program =
        fake_server(dir,
                    "mkdir -p \"$IGGY_SYSTEM_PATH/runtime\"\n"
                    "printf '[http]\\naddress = \"127.0.0.1:1\"\\n[tcp]\\naddress = "
                    "\"127.0.0.1:4711\"\\n' > \"$IGGY_SYSTEM_PATH/runtime/current_config.toml\"\n"
                    "exec sleep 1000\n");
    server_options options;
    options.program = program;
    options.data_dir = dir / "data";
    server_process server{options};
    CHECK(server.port() == 4711);
    CHECK(server.address() == "127.0.0.1:4711");
    const auto ended = server.stop();
    REQUIRE(ended);
    CHECK(ended->signal == SIGTERM);
}

TEST_CASE("server process: a server that ends at once is reported with its output", "[support]") {
    const temporary_directory dir;
    server_options options;
    options.program = fake_server(dir, "echo cannot bind; exit 1\n");
    options.data_dir = dir / "data";
    CHECK_THROWS_WITH(server_process{options}, Catch::Contains("cannot bind"));
}
