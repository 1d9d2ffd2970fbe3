#pragma once

#include <algorithm>
#include <chrono>

namespace iggy::server {

/// Spaces the polls of consumers that are far behind, where producers are at work: of the time of a
/// shard one of them gets a third at most, several a sixth together, unless one would wait for
/// longer than `wait_max`. One for each shard; times come from the caller.
class poll_spacing {
public:
    using clock = std::chrono::steady_clock;

    /// The longest that a poll waits, whatever the one before took.
    static constexpr clock::duration wait_max = std::chrono::milliseconds{100};

    /// Books the next poll of `who` (an address that stands for it), after one that ended `now` and
    /// kept the shard for `took`. Returns when it may begin: after all others that were booked
    /// before, and twice that time, or five times where others poll too.
    clock::time_point book(const void* who, clock::time_point now, clock::duration took) noexcept {
        if (who != last_) {
            changed_at_ = last_ != nullptr ? now : clock::time_point{};
            last_ = who;
        }
        const bool is_alone = now - changed_at_ > 2 * wait_max;
        const auto begin =
            std::min(std::max(now, free_at_) + (is_alone ? 2 : 5) * took, now + wait_max);
        free_at_ = begin + std::min(took, wait_max);  // presumably the next one takes as long
        return begin;
    }

private:
    clock::time_point free_at_{};     // when the last one that was booked will have ended
    const void* last_ = nullptr;      // who booked last
    clock::time_point changed_at_{};  // when that was somebody else before
};

}  // namespace iggy::server
