#include "pacer.hpp"

#include <algorithm>
#include <thread>

namespace iggy::bench {

clock::time_point pacer::wait(const std::atomic<bool>& stop) const {
    if (!bytes_per_second_) {
        return clock::now();
    }
    const std::chrono::duration<double> since{static_cast<double>(moved_bytes_) /
                                              *bytes_per_second_};
    const auto due = begin_ + std::chrono::duration_cast<clock::duration>(since);
    constexpr std::chrono::milliseconds slice{50};  // how late a stop may be seen
    for (auto now = clock::now(); now < due && !stop; now = clock::now()) {
        std::this_thread::sleep_until(std::min(due, now + slice));
    }
    return due;
}

}  // namespace iggy::bench
