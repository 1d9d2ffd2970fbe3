#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace iggy::bench {

/// Counts latencies in buckets that grow with the value, so that any number of them takes 58 KiB
/// and adding one allocates nothing. A bucket's middle is within 1/256 of every value in it; count,
/// least, greatest, mean and deviation are exact. Not thread-safe.
class latency_histogram {
public:
    /// A negative latency counts as 0.
    void add(std::chrono::nanoseconds latency) noexcept;
    void merge(const latency_histogram& other) noexcept;

    std::uint64_t count() const noexcept { return count_; }
    /// These are 0 when nothing was added.
    std::chrono::nanoseconds least() const noexcept;
    std::chrono::nanoseconds greatest() const noexcept;
    double mean_ns() const noexcept { return mean_; }
    /// Of the population.
    double deviation_ns() const noexcept;

    /// The value at rank ceil(share * count), the first one at rank 1; 0 when nothing was added.
    std::chrono::nanoseconds percentile(double share) const noexcept;

    /// Calls `visit(nanoseconds middle, std::uint64_t count)` for each filled bucket, ascending.
    template <class Visit>
    void for_each_bucket(Visit visit) const {
        for (std::size_t index = 0; index < buckets_.size(); ++index) {
            if (buckets_[index] > 0) {
                visit(middle(index), buckets_[index]);
            }
        }
    }

private:
    /// Within `least` and `greatest`.
    std::chrono::nanoseconds middle(std::size_t index) const noexcept;

    /// Values of one bit width share 2^part_bits buckets.
    static constexpr unsigned part_bits = 7;
    static constexpr std::size_t bucket_count = (std::size_t{64} - part_bits) << part_bits;

    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(bucket_count);
    std::uint64_t count_ = 0;
    std::uint64_t least_ = 0;
    std::uint64_t greatest_ = 0;
    double mean_ = 0;
    double squares_ = 0;  ///< sum of the squared distances from the mean
};

}  // namespace iggy::bench
