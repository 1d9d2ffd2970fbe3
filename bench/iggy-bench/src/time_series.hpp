#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace iggy::bench {

/// What one batch moved.
struct batch_size {
    std::uint64_t messages = 0;
    std::uint64_t user_bytes = 0;   ///< payloads
    std::uint64_t total_bytes = 0;  ///< with headers
};

struct point {
    double time_s = 0;
    double value = 0;
};
using points = std::vector<point>;

/// Throughput and latency over time, in buckets of equal width. Not thread-safe.
class time_series {
public:
    /// `width` is positive.
    explicit time_series(std::chrono::nanoseconds width) noexcept : width_{width} {}

    /// A batch that ended at `to`: what it moved is spread evenly over the time since `from`, when
    /// the one before it ended; its latency belongs to `to`. Both since the beginning.
    void add(std::chrono::nanoseconds from, std::chrono::nanoseconds to, const batch_size& size,
             std::chrono::nanoseconds latency);
    /// Adds the buckets of another series of the same width.
    void merge(const time_series& other);

    /// A point for each bucket; value / second. Those without a batch are 0.
    points megabytes_per_second(std::size_t window) const;
    points messages_per_second(std::size_t window) const;
    /// Mean of the batches that ended in the bucket, in ms; buckets without a batch have no point.
    points latency_ms() const;

private:
    struct bucket {
        double messages = 0;
        double user_bytes = 0;
        double latency_ns = 0;  ///< sum
        std::uint64_t batches = 0;
    };

    /// `moved` of each bucket in units a second.
    points rates(double bucket::* moved, double unit, std::size_t window) const;
    bucket& at(std::chrono::nanoseconds time);
    double start_of(std::size_t index) const noexcept;

    std::chrono::nanoseconds width_;
    std::vector<bucket> buckets_;
};

/// Each value becomes the mean of itself and up to `window - 1` before it.
void smooth(points& series, std::size_t window);

}  // namespace iggy::bench
