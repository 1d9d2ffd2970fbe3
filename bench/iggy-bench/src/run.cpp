#include "run.hpp"

#include <csignal>
#include <cstdio>
#include <variant>

#include <fmt/format.h>

#include "command_grammar.hpp"
#include "console.hpp"
#include "report.hpp"
#include "target.hpp"

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

totals wanted(const workload& work) {
    totals all;
    all.batches = work.batches.value_or(0) * work.actors();
    const std::uint64_t kinds = (work.produces() ? 1 : 0) + (work.consumes() ? 1 : 0);
    all.user_bytes = work.user_bytes.value_or(0) * kinds;
    return all;
}

result<target_figures> measure(const bench_command& command, console& out) {
    auto server = target::open(command.work, command.server, command.shown.sampling_time,
                               [&out](const std::string& text) { out.line("Warning: " + text); });
    if (!server) {
        return server.error();
    }
    progress_line progress{wanted(command.work)};
    progress.begin_turn("server");
    const auto ran = server->run_turn(0, 1, progress, stop_asked);
    progress.clear();
    if (!ran) {
        return ran.error();
    }
    return server->figures(command.shown.window);
}

result<done_t> run_benchmark(const bench_command& command) {
    console out{command.shown.json ? stderr : stdout};
    out.line(start_text(command));
    auto figures = measure(command, out);
    if (!figures) {
        return figures.error();
    }
    if (figures->done().batches == 0) {
        return failure{"nothing was sent or received"};
    }
    const report made{command, new_uuid(), utc_now(), describe_machine(), std::move(*figures)};
    for (const auto& actor : made.server.actors) {
        out.line(actor_text(actor, command.work));
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

}  // namespace

int run(std::span<const std::string> words) {
    auto parsed = parse_command_line(words);
    if (const auto* message = std::get_if<parse_message>(&parsed)) {
        std::fputs(message->text.c_str(), message->exit_code == 0 ? stdout : stderr);
        return message->exit_code;
    }
    stop_on_interrupt();
    const auto ran = run_benchmark(std::get<bench_command>(parsed));
    if (!ran) {
        fmt::print(stderr, "Error: {}\n", ran.error().text);
        return 1;
    }
    return 0;
}

}  // namespace iggy::bench
