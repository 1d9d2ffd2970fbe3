#pragma once

#include <chrono>
#include <cstdint>

#include "latency_histogram.hpp"
#include "time_series.hpp"

namespace iggy::bench {

using clock = std::chrono::steady_clock;

struct totals {
    std::uint64_t batches = 0;
    std::uint64_t messages = 0;
    std::uint64_t user_bytes = 0;
    std::uint64_t total_bytes = 0;

    totals& operator+=(const totals& more) noexcept {
        batches += more.batches;
        messages += more.messages;
        user_bytes += more.user_bytes;
        total_bytes += more.total_bytes;
        return *this;
    }
    /// `less` is an earlier state of the same.
    friend totals operator-(const totals& all, const totals& less) noexcept {
        return {all.batches - less.batches, all.messages - less.messages,
                all.user_bytes - less.user_bytes, all.total_bytes - less.total_bytes};
    }
};

/// What one actor did, over one or several turns with pauses between them. Used by the actor's
/// thread during a turn and by the main thread between turns.
class recorder {
public:
    explicit recorder(std::chrono::nanoseconds sampling_time) noexcept : series_{sampling_time} {}

    /// `before` is how long the turns so far took, all actors together.
    void begin_turn(clock::time_point at, std::chrono::nanoseconds before) noexcept {
        begin_ = at;
        before_ = before;
        last_ = std::chrono::nanoseconds{0};
    }
    /// A batch that was done at `at`, not before the one that was added last.
    void add(clock::time_point at, std::chrono::nanoseconds latency, const batch_size& size) {
        const std::chrono::nanoseconds now = at - begin_;
        series_.add(before_ + last_, before_ + now, size, latency);
        latencies_.add(latency);
        done_ += {1, size.messages, size.user_bytes, size.total_bytes};
        active_ += now - last_;
        last_ = now;
    }

    const totals& done() const noexcept { return done_; }
    const latency_histogram& latencies() const noexcept { return latencies_; }
    const time_series& series() const noexcept { return series_; }
    /// From the begin of each turn to the last batch in it, summed.
    std::chrono::nanoseconds active() const noexcept { return active_; }
    /// From the begin of this turn to the last batch so far.
    std::chrono::nanoseconds in_turn() const noexcept { return last_; }

private:
    clock::time_point begin_;
    std::chrono::nanoseconds before_{0};
    std::chrono::nanoseconds last_{0};
    std::chrono::nanoseconds active_{0};
    totals done_;
    latency_histogram latencies_;
    time_series series_;
};

}  // namespace iggy::bench
