#include "support/server_process.hpp"

#include <signal.h>

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace iggy::test {
namespace {

using clock = std::chrono::steady_clock;

std::filesystem::path runtime_file(const server_options& options) {
    return options.data_dir / "runtime" / "current_config.toml";
}

child_options child_of(const server_options& options, const std::filesystem::path& output) {
    std::filesystem::create_directories(options.data_dir);
    std::filesystem::remove(runtime_file(options));  // of an earlier start: it means "serving"
    child_options child;
    child.program = options.program;
    child.arguments = options.arguments;
    child.environment = {{"IGGY_SYSTEM_PATH", options.data_dir.string()},
                         {"IGGY_TCP_ADDRESS", "127.0.0.1:0"},
                         {"IGGY_QUIC_ENABLED", "false"},
                         {"IGGY_HTTP_ENABLED", "false"},
                         {"IGGY_WEBSOCKET_ENABLED", "false"},
                         {"IGGY_ROOT_USERNAME", "iggy"},
                         {"IGGY_ROOT_PASSWORD", "iggy"}};
    for (const auto& [name, value] : options.environment) {
        child.environment[name] = value;
    }
    child.work_dir = options.data_dir;
    child.stdout_file = output;
    child.stderr_file = output;
    return child;
}

/// The port in `address = "127.0.0.1:4711"` of the table `[tcp]`; nothing while the file is absent
/// or half written.
std::optional<std::uint16_t> tcp_port(const std::string& runtime_config) {
    std::istringstream lines{runtime_config};
    bool in_tcp = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('[')) {
            in_tcp = line == "[tcp]";
        }
        if (!in_tcp || !line.starts_with("address")) {
            continue;
        }
        const auto last_quote = line.find_last_of("\"'");
        const auto colon = line.rfind(':', last_quote);
        if (last_quote == std::string::npos || colon == std::string::npos) {
            return std::nullopt;
        }
        std::uint16_t port = 0;
        const auto read = std::from_chars(&line[colon + 1], &line[last_quote], port);
        return read.ptr == &line[last_quote] && port != 0 ? std::optional{port} : std::nullopt;
    }
    return std::nullopt;
}

std::string last_part(const std::string& text) {
    constexpr std::size_t shown_bytes_max = 4000;
    return text.size() <= shown_bytes_max ? text : text.substr(text.size() - shown_bytes_max);
}

}  // namespace

server_process::server_process(const server_options& options)
    : output_file_{options.data_dir.string() + ".output"},
      process_{child_of(options, output_file_)} {
    wait_until_serving(options);
}

void server_process::wait_until_serving(const server_options& options) {
    const auto deadline = clock::now() + options.start_timeout;
    while (clock::now() < deadline) {
        if (const auto port = tcp_port(read_text(runtime_file(options)))) {
            port_ = *port;
            return;
        }
        if (process_.wait(std::chrono::milliseconds{5})) {
            throw std::runtime_error{"the server ended while it started:\n" + last_part(output())};
        }
    }
    throw std::runtime_error{"the server wrote no " + runtime_file(options).string() +
                             " in time:\n" + last_part(output())};
}

void server_process::kill_now() {
    process_.signal(SIGKILL);
    while (!process_.wait(std::chrono::seconds{1})) {
    }
}

std::optional<exit_state> server_process::stop(std::chrono::milliseconds timeout) {
    process_.signal(SIGTERM);
    return process_.wait(timeout);
}

}  // namespace iggy::test
