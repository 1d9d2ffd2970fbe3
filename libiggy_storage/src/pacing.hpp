#pragma once

#include <chrono>

namespace iggy::storage {

/// For work on a helper thread that keeps a processor busy and is in no hurry, done in pieces:
/// between them the thread sleeps four times as long as they took of a processor. Without it
/// whoever wakes up meanwhile waits for the rest of the helper's time slice, some milliseconds
/// (docs/performance.md, A steady load).
class pacing {
public:
    pacing() noexcept;
    /// At the end of a piece.
    void rest() noexcept;

private:
    static std::chrono::nanoseconds used() noexcept;

    std::chrono::nanoseconds before_;
};

}  // namespace iggy::storage
