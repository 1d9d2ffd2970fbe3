#include "measure.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "bare_process.hpp"

namespace iggy::bench {
namespace {

totals wanted(const workload& work) {
    totals all;
    all.batches = work.batches.value_or(0) * work.actors();
    const std::uint64_t kinds = (work.produces() ? 1 : 0) + (work.consumes() ? 1 : 0);
    all.user_bytes = work.user_bytes.value_or(0) * kinds;
    return all;
}

/// The bare server and the workload on it.
struct bare_side {
    bare_process process;
    target work;
};

/// What consumers are to read has to be there.
result<done_t> fill(const workload& work, const server_access& at, std::atomic<bool>& stop) {
    workload filling = work;
    filling.kind = bench_kind::pinned_producer;
    filling.producers = std::exchange(filling.consumers, 0);
    filling.warmup = std::chrono::nanoseconds{0};
    filling.bystanders = 0;
    auto side = target::open(filling, at, std::chrono::seconds{1});
    if (!side) {
        return side.error();
    }
    progress_line progress{wanted(filling)};
    progress.begin_turn("filling the limit's streams");
    const auto filled = side->run_turn(0, 1, progress, stop);
    progress.clear();
    return filled;
}

result<bare_side> open_limit(const bench_command& command, std::atomic<bool>& stop) {
    auto process = bare_process::start(command.limit);
    if (!process) {
        return process.error();
    }
    server_access at;
    at.address = process->address();
    if (!command.work.produces()) {
        if (const auto filled = fill(command.work, at, stop); !filled) {
            return filled.error();
        }
    }
    auto work = target::open(command.work, at, command.shown.sampling_time);
    if (!work) {
        return work.error();
    }
    return bare_side{std::move(*process), std::move(*work)};
}

struct side {
    target* work;
    const char* name;
};

/// Both take turns; who begins changes, so that neither always comes second.
result<done_t> take_turns(std::array<side, 2> sides, std::uint32_t turns, const workload& work,
                          std::atomic<bool>& stop) {
    progress_line progress{wanted(work)};
    for (std::uint32_t turn = 0; turn < turns && !stop; ++turn) {
        for (const auto& [target, name] : sides) {
            progress.begin_turn(fmt::format("turn {} of {}, {}", turn + 1, turns, name));
            const auto ran = target->run_turn(turn, turns, progress, stop);
            progress.clear();
            if (!ran) {
                return ran.error();
            }
        }
        std::swap(sides[0], sides[1]);
    }
    return done;
}

/// A limit that moved other messages than the server is none.
result<done_t> check_same_size(const target_figures& server, const target_figures& limit) {
    const auto mean_bytes = [](const totals& done) {
        return static_cast<double>(done.user_bytes) / static_cast<double>(done.messages);
    };
    const double ours = mean_bytes(server.done());
    const double theirs = mean_bytes(limit.done());
    constexpr double tolerance = 0.1;  // sizes may be random
    if (ours < theirs * (1 - tolerance) || ours > theirs * (1 + tolerance)) {
        return failure{fmt::format(
            "the streams hold messages of {:.0f} bytes: the limit needs the same --message-size",
            ours)};
    }
    return done;
}

result<done_t> check_not_empty(const target_figures& figures) {
    if (figures.done().messages == 0) {
        return failure{"nothing was sent or received"};
    }
    return done;
}

result<measured> measure_alone(target& server, const bench_command& command,
                               std::atomic<bool>& stop) {
    progress_line progress{wanted(command.work)};
    progress.begin_turn("server");
    const auto ran = server.run_turn(0, 1, progress, stop);
    progress.clear();
    if (!ran) {
        return ran.error();
    }
    auto figures = server.figures(command.shown.window);
    if (!figures) {
        return figures.error();
    }
    if (const auto some = check_not_empty(*figures); !some) {
        return some.error();
    }
    return measured{std::move(*figures), std::nullopt};
}

result<measured> measure_beside_limit(target& server, const bench_command& command,
                                      std::atomic<bool>& stop) {
    auto limit = open_limit(command, stop);
    if (!limit) {
        return limit.error();
    }
    const auto ran = take_turns({side{&server, "server"}, side{&limit->work, "limit"}},
                                command.limit.turns, command.work, stop);
    if (!ran) {
        return ran.error();
    }
    auto ours = server.figures(command.shown.window);
    if (!ours) {
        return ours.error();
    }
    auto theirs = limit->work.figures(command.shown.window);
    if (!theirs) {
        return theirs.error();
    }
    if (const auto some = check_not_empty(*ours); !some) {
        return some.error();
    }
    if (stop && theirs->done().messages == 0) {  // ended before the limit's first turn
        return measured{std::move(*ours), std::nullopt};
    }
    if (const auto some = check_not_empty(*theirs); !some) {
        return some.error();
    }
    if (const auto same = check_same_size(*ours, *theirs); !same) {
        return same.error();
    }
    auto beside = compare(*ours, std::move(*theirs));
    return measured{std::move(*ours), std::move(beside)};
}

}  // namespace

result<measured> measure(const bench_command& command, const target::warn_function& warn,
                         std::atomic<bool>& stop) {
    auto server = target::open(command.work, command.server, command.shown.sampling_time, warn);
    if (!server) {
        return server.error();
    }
    return command.limit.wanted ? measure_beside_limit(*server, command, stop)
                                : measure_alone(*server, command, stop);
}

}  // namespace iggy::bench
