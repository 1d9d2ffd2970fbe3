#include "pacing.hpp"

#include <thread>

#include <time.h>

namespace iggy::storage {

namespace {

/// What took less is not worth a sleep.
constexpr std::chrono::microseconds piece_least{50};
/// So that it takes a fifth of a processor at most. With once the answers are slower (measured:
/// docs/performance-changes.md).
constexpr int rest_for_each_piece = 4;

}  // namespace

pacing::pacing() noexcept : before_{used()} {}

void pacing::rest() noexcept {
    const auto now = used();
    if (now - before_ >= piece_least) {
        std::this_thread::sleep_for(rest_for_each_piece * (now - before_));
        before_ = used();
    }
}

std::chrono::nanoseconds pacing::used() noexcept {
    timespec of_thread{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &of_thread);
    return std::chrono::seconds{of_thread.tv_sec} + std::chrono::nanoseconds{of_thread.tv_nsec};
}

}  // namespace iggy::storage
