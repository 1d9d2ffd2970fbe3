#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "recorder.hpp"

namespace iggy::bench {

/// When the requests of one actor are due. With a rate they follow a schedule that does not wait
/// for the server: one that is slow finds the next requests due already, and their latencies count
/// from then on (no coordinated omission). Without a rate a request is due when the one before it
/// was answered.
class pacer {
public:
    /// `bytes_per_second` is positive.
    pacer(std::optional<double> bytes_per_second, clock::time_point begin) noexcept
        : bytes_per_second_{bytes_per_second}, begin_{begin} {}

    /// Waits for the next request's time and returns it. Ends early when `stop` is set.
    clock::time_point wait(const std::atomic<bool>& stop) const;

    /// A request moved so much payload: the next one is due when the rate has made room for it.
    void moved(std::uint64_t user_bytes) noexcept { moved_bytes_ += user_bytes; }

private:
    std::optional<double> bytes_per_second_;
    clock::time_point begin_;
    std::uint64_t moved_bytes_ = 0;
};

}  // namespace iggy::bench
