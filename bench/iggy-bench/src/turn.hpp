#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "actor.hpp"
#include "bystander.hpp"
#include "failure.hpp"
#include "process_meter.hpp"
#include "progress.hpp"
#include "recorder.hpp"
#include "summary.hpp"

namespace iggy::bench {

/// How far an actor is to get in a turn: until one of them is reached.
struct goal {
    std::optional<std::uint64_t> batches;          ///< with those of the turns before
    std::optional<std::uint64_t> user_bytes;       ///< with those of the turns before
    std::optional<std::chrono::nanoseconds> time;  ///< of this turn
};

/// An actor, what it has to do and what it did. Made once, used for all turns.
struct actor_slot {
    actor_slot(actor_kind of_kind, std::uint32_t its_number, std::unique_ptr<actor> its_actor,
               std::chrono::nanoseconds sampling_time)
        : kind{of_kind}, number{its_number}, who{std::move(its_actor)}, records{sampling_time} {}

    actor_kind kind;
    std::uint32_t number;  ///< from 1, within its kind
    std::unique_ptr<actor> who;
    recorder records;
    std::optional<double> bytes_per_second;
    live_count live;
};
using actor_slots = std::deque<actor_slot>;

struct turn_plan {
    goal each_producer;
    goal each_consumer;
    std::chrono::nanoseconds warmup{0};
    /// How long the turns before took.
    std::chrono::nanoseconds before{0};
};

/// What all actors of a turn did together.
struct turn_outcome {
    std::chrono::nanoseconds took{0};  ///< from the common begin to the last batch
    std::chrono::nanoseconds producers_took{0};
    std::chrono::nanoseconds consumers_took{0};
    totals produced;
    totals consumed;
    double client_cpu_seconds = 0;             ///< of this process
    std::optional<double> server_cpu_seconds;  ///< with what it did until it came to rest
};

/// Runs all actors side by side, each in its thread: warm-up, a common begin, then until each
/// reached its goal, `stop` is set, or one failed (which stops all). Errors: the first actor's.
result<turn_outcome> run_turn(actor_slots& actors, bystanders& idle, const turn_plan& plan,
                              const std::optional<process_meter>& server, progress_line& progress,
                              std::atomic<bool>& stop);

}  // namespace iggy::bench
