#include "run.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <variant>

#include <fmt/format.h>

#include "bare_server.hpp"
#include "command_grammar.hpp"
#include "console.hpp"
#include "limit_run.hpp"
#include "measure.hpp"
#include "report.hpp"

namespace iggy::bench {
namespace {

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "it is set by a signal handler");

/// The first Ctrl-C ends the run after the requests in flight, a second one the program.
void stop_on_interrupt() {
    struct sigaction action{};
    action.sa_handler = [](int) { stop_asked = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
}

result<done_t> run_benchmark(const bench_command& command) {
    console out{command.shown.json ? stderr : stdout};
    out.line(start_text(command));
    auto found = measure(
        command, [&out](const std::string& text) { out.line("Warning: " + text); }, stop_asked);
    if (!found) {
        return found.error();
    }
    const report made{command,
                      new_uuid(),
                      utc_now(),
                      describe_machine(),
                      std::move(found->server),
                      std::move(found->beside)};
    if (!command.shown.pretty) {
        for (const auto& actor : made.server.actors) {
            out.line(actor_text(actor, command.work));
        }
    }
    out.line(stop_asked ? "Ended early by Ctrl-C" : "All actors joined!");
    out.line(summary_text(made));
    if (command.shown.json) {
        fmt::print("{}\n", to_json(made));
    }
    if (command.output && !stop_asked) {
        const auto directory = write_result_directory(made, out.text());
        if (!directory) {
            return directory.error();
        }
        out.line("Results: " + *directory);
    }
    return done;
}

result<done_t> run_bare_server(const bare_server_command& command) {
    const auto level =
        command.syncs ? bare_server::durability::synced : bare_server::durability::written;
    const auto server = bare_server::listen(command.directory, level);
    if (!server) {
        return server.error();
    }
    fmt::print("{}\n", server->port());
    std::fflush(stdout);
    return server->serve();
}

result<done_t> execute(const any_command& command) {
    if (const auto* bare = std::get_if<bare_server_command>(&command)) {
        return run_bare_server(*bare);  // Ctrl-C ends it as it ends any program
    }
    stop_on_interrupt();
    if (const auto* limit = std::get_if<limit_command>(&command)) {
        return run_limit(*limit, stop_asked);
    }
    return run_benchmark(std::get<bench_command>(command));
}

}  // namespace

int run(std::span<const std::string> words) {
    auto parsed = parse_command_line(words);
    if (const auto* message = std::get_if<parse_message>(&parsed)) {
        std::fputs(message->text.c_str(), message->exit_code == 0 ? stdout : stderr);
        return message->exit_code;
    }
    const auto ran = execute(std::get<any_command>(parsed));
    if (!ran) {
        fmt::print(stderr, "Error: {}\n", ran.error().text);
        return 1;
    }
    return 0;
}

}  // namespace iggy::bench
