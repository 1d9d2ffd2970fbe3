#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/child_process.hpp"

namespace iggy::test {

/// How a server is started. The defaults give a server of its own on a free loopback port.
struct server_options {
    /// The `iggy-server` program; tests link `iggy_test_server`, which sets it.
    std::filesystem::path program = IGGY_TEST_SERVER_PROGRAM;
    /// Where the server keeps its data (`system.path`): a subdirectory of a `temporary_directory`,
    /// so that the output file beside it (`DATA_DIR.output`) goes with it.
    std::filesystem::path data_dir;
    std::vector<std::string> arguments;
    /// More settings, and those that replace the ones below: `{"IGGY_SYSTEM_SHARDING_...", "1"}`.
    std::map<std::string, std::string> environment;
    std::chrono::milliseconds start_timeout = std::chrono::seconds{30};
};

/// A real server in its own process: TCP on 127.0.0.1 at a free port, the other transports off,
/// root user `iggy` with password `iggy`. The destructor kills it. Start it again over the same
/// directory to see what it kept.
class server_process {
public:
    /// Returns when the server serves. Throws std::runtime_error, with the end of its log, when it
    /// ends or does not get that far in time.
    explicit server_process(const server_options& options);

    std::uint16_t port() const noexcept { return port_; }
    /// `127.0.0.1:PORT`
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    pid_t pid() const noexcept { return process_.pid(); }

    /// SIGKILL, and waits until the process is gone.
    void kill_now();
    /// SIGTERM, and waits for the end; nothing when it still runs after `timeout`.
    std::optional<exit_state> stop(std::chrono::milliseconds timeout = std::chrono::seconds{30});
    /// The end of the process, or nothing when it still runs after `timeout`.
    std::optional<exit_state> wait(std::chrono::milliseconds timeout) {
        return process_.wait(timeout);
    }
    /// What it wrote to standard output and error so far, over all starts in this directory.
    std::string output() const { return read_text(output_file_); }

private:
    void wait_until_serving(const server_options& options);

    std::filesystem::path output_file_;
    child_process process_;
    std::uint16_t port_ = 0;
};

}  // namespace iggy::test
