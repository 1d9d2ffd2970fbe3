#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "failure.hpp"
#include "recorder.hpp"

namespace iggy::bench {

/// What the producer of a stream tells the consumer of it.
struct stream_progress {
    std::atomic<std::uint64_t> produced{0};  ///< messages, acknowledged
    std::atomic<bool> done{false};           ///< nothing more comes in this turn
};

/// One batch that an actor moved.
struct step_outcome {
    batch_size size;
    /// What to record instead of the time since the request was due.
    std::optional<std::chrono::nanoseconds> latency;
};

/// A producer or a consumer with a connection of its own. Its thread calls `step` again and again.
class actor {
public:
    virtual ~actor() = default;

    virtual void begin_turn() {}
    /// One request and its answer; the request was due at `due`, which is now or before. Nothing
    /// when a poll came back empty.
    virtual result<std::optional<step_outcome>> step(clock::time_point due) = 0;
    /// There is nothing more to do, however much was asked for.
    virtual bool at_end() const { return false; }
    virtual void end_turn() {}
};

/// The wall clock at the moment `due`.
inline std::chrono::system_clock::time_point wall_clock_at(clock::time_point due) {
    const auto late = clock::now() - due;
    return std::chrono::system_clock::now() -
           std::chrono::duration_cast<std::chrono::system_clock::duration>(late);
}

}  // namespace iggy::bench
