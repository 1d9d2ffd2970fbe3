#include "latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace iggy::bench {
namespace {

std::chrono::nanoseconds as_duration(std::uint64_t value) noexcept {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(value)};
}

}  // namespace

void latency_histogram::add(std::chrono::nanoseconds latency) noexcept {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > part_bits ? width - part_bits - 1 : 0;
    ++buckets_[(std::size_t{shift} << part_bits) + (value >> shift)];

    least_ = count_ == 0 ? value : std::min(least_, value);
    greatest_ = std::max(greatest_, value);
    ++count_;
    const double distance = static_cast<double>(value) - mean_;
    mean_ += distance / static_cast<double>(count_);
    squares_ += distance * (static_cast<double>(value) - mean_);
}

void latency_histogram::merge(const latency_histogram& other) noexcept {
    if (other.count_ == 0) {
        return;
    }
    for (std::size_t index = 0; index < bucket_count; ++index) {
        buckets_[index] += other.buckets_[index];
    }
    least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
    greatest_ = std::max(greatest_, other.greatest_);
    const auto ours = static_cast<double>(count_);
    const auto theirs = static_cast<double>(other.count_);
    const double distance = other.mean_ - mean_;
    mean_ += distance * theirs / (ours + theirs);
    squares_ += other.squares_ + distance * distance * ours * theirs / (ours + theirs);
    count_ += other.count_;
}

std::chrono::nanoseconds latency_histogram::least() const noexcept { return as_duration(least_); }

std::chrono::nanoseconds latency_histogram::greatest() const noexcept {
    return as_duration(greatest_);
}

double latency_histogram::deviation_ns() const noexcept {
    return count_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(count_));
}

std::chrono::nanoseconds latency_histogram::percentile(double share) const noexcept {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    const std::uint64_t rank =
        std::clamp<std::uint64_t>(wanted, 1, std::max<std::uint64_t>(count_, 1));
    std::uint64_t passed = 0;
    for (std::size_t index = 0; index < bucket_count; ++index) {
        passed += buckets_[index];
        if (passed >= rank) {
            return middle(index);
        }
    }
    return greatest();
}

std::chrono::nanoseconds latency_histogram::middle(std::size_t index) const noexcept {
    const std::size_t group = index >> part_bits;
    const std::size_t shift = group == 0 ? 0 : group - 1;
    const std::uint64_t first = (index - (shift << part_bits)) << shift;
    const std::uint64_t half = (std::uint64_t{1} << shift) / 2;
    return as_duration(std::clamp(first + half, least_, greatest_));
}

}  // namespace iggy::bench
