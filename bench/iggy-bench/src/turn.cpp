#include "turn.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pacer.hpp"

namespace iggy::bench {
namespace {

/// What the threads of a turn share.
struct shared_turn {
    const turn_plan& plan;
    std::atomic<bool>& stop;
    std::latch ready;  ///< all are warm
    std::latch go{1};
    clock::time_point begin;  ///< set before `go`

    std::mutex mutex;
    std::condition_variable changed;
    std::size_t running;
    std::optional<failure> first_failure;
};

bool reached(const goal& wanted, const totals& done) {
    return (wanted.batches && done.batches >= *wanted.batches) ||
           (wanted.user_bytes && done.user_bytes >= *wanted.user_bytes);
}

/// Requests at the actor's pace for at most `time`, until `on_batch(now, due, outcome)` says that
/// it is enough. Time passes for a consumer that finds nothing, too.
template <class OnBatch>
result<done_t> keep_asking(actor_slot& slot, clock::time_point begin,
                           std::optional<std::chrono::nanoseconds> time,
                           const std::atomic<bool>& stop, OnBatch on_batch) {
    pacer pace{slot.bytes_per_second, begin};
    while (!slot.who->at_end() && !(time && clock::now() - begin >= *time)) {
        const auto due = pace.wait(stop);
        if (stop) {
            break;
        }
        const auto outcome = slot.who->step(due);
        if (!outcome) {
            return outcome.error();
        }
        if (*outcome) {
            const step_outcome& moved = **outcome;
            pace.moved(moved.size.user_bytes);
            if (!on_batch(clock::now(), due, moved)) {
                break;
            }
        }
    }
    return done;
}

result<done_t> warm_up(actor_slot& slot, const shared_turn& turn) {
    return keep_asking(slot, clock::now(), turn.plan.warmup, turn.stop,
                       [](auto, auto, const auto&) { return true; });
}

result<done_t> work(actor_slot& slot, const shared_turn& turn) {
    const goal& wanted =
        slot.kind == actor_kind::producer ? turn.plan.each_producer : turn.plan.each_consumer;
    slot.records.begin_turn(turn.begin, turn.plan.before);
    return keep_asking(slot, turn.begin, wanted.time, turn.stop,
                       [&](auto now, auto due, const auto& moved) {
                           slot.records.add(now, moved.latency.value_or(now - due), moved.size);
                           slot.live.add(moved.size);
                           return !reached(wanted, slot.records.done());
                       });
}

void run_actor(actor_slot& slot, shared_turn& turn) {
    // A request at a set time is not to be late by the default of 50 µs.
    ::prctl(PR_SET_TIMERSLACK, 1);
    auto outcome = warm_up(slot, turn);
    turn.ready.count_down();
    turn.go.wait();
    if (outcome) {
        outcome = work(slot, turn);
    }
    slot.who->end_turn();
    const std::lock_guard lock{turn.mutex};
    if (!outcome) {
        turn.stop = true;
        if (!turn.first_failure) {
            turn.first_failure = failure{
                fmt::format("{} #{}: {}", name_of(slot.kind), slot.number, outcome.error().text)};
        }
    }
    --turn.running;
    turn.changed.notify_one();
}

void show_until_done(shared_turn& turn, const actor_slots& actors, progress_line& progress) {
    std::unique_lock lock{turn.mutex};
    while (!turn.changed.wait_for(lock, progress.period(), [&] { return turn.running == 0; })) {
        totals live;
        for (const auto& slot : actors) {
            live += slot.live.now();
        }
        progress.show(clock::now(), live);
    }
}

void add_up(const actor_slot& slot, const totals& before, turn_outcome& into) {
    const bool produces = slot.kind == actor_kind::producer;
    auto& took = produces ? into.producers_took : into.consumers_took;
    auto& moved = produces ? into.produced : into.consumed;
    took = std::max(took, slot.records.in_turn());
    moved += slot.records.done() - before;
    into.took = std::max(into.took, slot.records.in_turn());
}

}  // namespace

result<turn_outcome> run_turn(actor_slots& actors, bystanders& idle, const turn_plan& plan,
                              const std::optional<process_meter>& server, progress_line& progress,
                              std::atomic<bool>& stop) {
    const auto count = static_cast<std::ptrdiff_t>(actors.size());
    shared_turn turn{plan, stop, std::latch{count}, std::latch{1}, {}, {}, {}, actors.size(), {}};
    std::vector<totals> before;
    std::vector<std::thread> threads;
    for (auto& slot : actors) {
        before.push_back(slot.records.done());
        slot.who->begin_turn();
    }
    for (auto& slot : actors) {
        threads.emplace_back([&slot, &turn] { run_actor(slot, turn); });
    }
    turn.ready.wait();
    const double server_before = server ? server->cpu_seconds() : 0;
    const double client_before = own_cpu_seconds();
    turn.begin = clock::now();
    idle.begin(turn.begin);
    turn.go.count_down();
    show_until_done(turn, actors, progress);
    for (auto& thread : threads) {
        thread.join();
    }
    const auto idle_failure = idle.end();

    turn_outcome outcome;
    outcome.client_cpu_seconds = own_cpu_seconds() - client_before;
    if (turn.first_failure) {
        return *turn.first_failure;
    }
    if (idle_failure) {
        return *idle_failure;
    }
    if (server) {
        server->come_to_rest();
        outcome.server_cpu_seconds = server->cpu_seconds() - server_before;
    }
    for (std::size_t index = 0; index < actors.size(); ++index) {
        add_up(actors[index], before[index], outcome);
    }
    return outcome;
}

}  // namespace iggy::bench
