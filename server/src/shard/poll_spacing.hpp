#pragma once

#include <algorithm>
#include <chrono>

namespace iggy::server {

/// Spaces the polls of consumers that are far behind, where producers are at work: of the time of a
/// shard they get a third at most, together. One for each shard; times come from the caller.
class poll_spacing {
public:
    using clock = std::chrono::steady_clock;

    /// The longest that a poll waits, whatever the one before took.
    static constexpr clock::duration wait_max = std::chrono::milliseconds{100};

    /// Books a poll that ended `now` and kept the shard for `took`. Returns when its consumer may
    /// poll again: after all others that were booked before, and twice that time.
    clock::time_point book(clock::time_point now, clock::duration took) noexcept {
        const auto begin = std::min(std::max(now, free_at_) + 2 * took, now + wait_max);
        free_at_ = begin + std::min(took, wait_max);  // presumably the next one takes as long
        return begin;
    }

private:
    clock::time_point free_at_{};  // when the last one that was booked will have ended
};

}  // namespace iggy::server
