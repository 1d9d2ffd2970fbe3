#include "time_series.hpp"

#include <algorithm>

namespace iggy::bench {
namespace {

using seconds = std::chrono::duration<double>;

constexpr double bytes_per_megabyte = 1e6;

}  // namespace

void time_series::add(std::chrono::nanoseconds from, std::chrono::nanoseconds to,
                      const batch_size& size, std::chrono::nanoseconds latency) {
    bucket& last = at(to);
    ++last.batches;
    last.latency_ns += static_cast<double>(latency.count());
    const auto whole = static_cast<double>((to - from).count());
    const auto messages = static_cast<double>(size.messages);
    const auto user_bytes = static_cast<double>(size.user_bytes);
    if (from / width_ >= to / width_) {
        last.messages += messages;
        last.user_bytes += user_bytes;
        return;
    }
    for (auto begin = from; begin < to;) {
        const auto end = std::min(to, (begin / width_ + 1) * width_);
        const double share = static_cast<double>((end - begin).count()) / whole;
        bucket& part = at(begin);
        part.messages += messages * share;
        part.user_bytes += user_bytes * share;
        begin = end;
    }
}

void time_series::merge(const time_series& other) {
    buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
    for (std::size_t index = 0; index < other.buckets_.size(); ++index) {
        bucket& ours = buckets_[index];
        const bucket& theirs = other.buckets_[index];
        ours.messages += theirs.messages;
        ours.user_bytes += theirs.user_bytes;
        ours.latency_ns += theirs.latency_ns;
        ours.batches += theirs.batches;
    }
}

points time_series::megabytes_per_second(std::size_t window) const {
    return rates(&bucket::user_bytes, bytes_per_megabyte, window);
}

points time_series::messages_per_second(std::size_t window) const {
    return rates(&bucket::messages, 1, window);
}

points time_series::rates(double bucket::* moved, double unit, std::size_t window) const {
    points result;
    result.reserve(buckets_.size());
    for (const bucket& one : buckets_) {
        result.push_back({start_of(result.size()), one.*moved / unit / seconds{width_}.count()});
    }
    smooth(result, window);
    return result;
}

points time_series::latency_ms() const {
    constexpr double ns_per_ms = 1e6;
    points result;
    for (std::size_t index = 0; index < buckets_.size(); ++index) {
        const bucket& one = buckets_[index];
        if (one.batches > 0) {
            const double mean = one.latency_ns / static_cast<double>(one.batches);
            result.push_back({start_of(index), mean / ns_per_ms});
        }
    }
    return result;
}

time_series::bucket& time_series::at(std::chrono::nanoseconds time) {
    const auto index = static_cast<std::size_t>(time / width_);
    if (index >= buckets_.size()) {
        buckets_.resize(index + 1);
    }
    return buckets_[index];
}

double time_series::start_of(std::size_t index) const noexcept {
    return static_cast<double>(index) * seconds{width_}.count();
}

void smooth(points& series, std::size_t window) {
    std::vector<double> raw;
    raw.reserve(series.size());
    double sum = 0;
    for (point& one : series) {
        raw.push_back(one.value);
        sum += one.value;
        if (raw.size() > window) {
            sum -= raw[raw.size() - 1 - window];
        }
        one.value = sum / static_cast<double>(std::min(raw.size(), window));
    }
}

}  // namespace iggy::bench
