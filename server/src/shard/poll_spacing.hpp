#pragma once

#include <algorithm>
#include <chrono>

namespace iggy::server {

/// Spaces the polls of consumers that are far behind, where producers are at work: of the time of a
/// shard one of them gets a third at most, several a sixth together. One for each shard; times come
/// from the caller.
class poll_spacing {
public:
    using clock = std::chrono::steady_clock;

    /// The longest that a poll waits, whatever the one before took.
    static constexpr clock::duration wait_max = std::chrono::milliseconds{100};

    /// A consumer, which is far behind or not. Begins as one that is not.
    class consumer {
    public:
        explicit consumer(poll_spacing& spacing) noexcept : spacing_{spacing} {}
        consumer(const consumer&) = delete;
        consumer& operator=(const consumer&) = delete;
        ~consumer() { is_far_behind(false); }

        void is_far_behind(bool is) noexcept {
            spacing_.far_behind_ += static_cast<int>(is) - static_cast<int>(is_);
            is_ = is;
        }

    private:
        poll_spacing& spacing_;
        bool is_ = false;
    };

    /// Books the poll of one that is far behind, after one that ended `now` and kept the shard for
    /// `took`. Returns when it may begin: after all others that were booked before, and twice that
    /// time, or five times where it is not the only one.
    clock::time_point book(clock::time_point now, clock::duration took) noexcept {
        const auto left_to_others = (far_behind_ > 1 ? 5 : 2) * took;
        const auto begin = std::min(std::max(now, free_at_) + left_to_others, now + wait_max);
        free_at_ = begin + std::min(took, wait_max);  // presumably the next one takes as long
        return begin;
    }

private:
    clock::time_point free_at_{};  // when the last one that was booked will have ended
    int far_behind_ = 0;
};

}  // namespace iggy::server
