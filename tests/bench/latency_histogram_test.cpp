#include "latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.hpp"

using iggy::bench::latency_histogram;
using std::chrono::nanoseconds;

namespace {

/// Values from nanoseconds to minutes, most of them small, as latencies are.
std::vector<std::int64_t> random_latencies(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random{seed};
    std::lognormal_distribution<double> shape{11, 3};
    std::vector<std::int64_t> values(count);
    std::ranges::generate(values, [&] { return static_cast<std::int64_t>(shape(random)); });
    return values;
}

latency_histogram filled(const std::vector<std::int64_t>& values) {
    latency_histogram made;
    for (const auto value : values) {
        made.add(nanoseconds{value});
    }
    return made;
}

std::int64_t at_rank(const std::vector<std::int64_t>& sorted, double share) {
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace

TEST_CASE("histogram: percentiles are those of a sorted list, within 1/256", "[bench]") {
    for (const std::size_t count : {1U, 2U, 3U, 99U, 100U, 101U, 10'000U, 200'000U}) {
        auto values = random_latencies(count, count);
        const auto histogram = filled(values);
        std::ranges::sort(values);
        for (const double share : {0.0, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
            CAPTURE(count, share);
            const auto expected = static_cast<double>(at_rank(values, share));
            const auto got = static_cast<double>(histogram.percentile(share).count());
            CHECK(std::abs(got - expected) <= expected / 256);
        }
    }
}

TEST_CASE("histogram: small values are exact", "[bench]") {
    std::vector<std::int64_t> values;
    for (std::int64_t value = 0; value < 256; ++value) {
        values.push_back(value);
    }
    const auto histogram = filled(values);
    for (const double share : {0.1, 0.5, 0.77, 1.0}) {
        CHECK(histogram.percentile(share).count() == at_rank(values, share));
    }
}

TEST_CASE("histogram: count, least, greatest, mean and deviation are exact", "[bench]") {
    const auto values = random_latencies(7, 50'000);
    const auto histogram = filled(values);
    long double sum = 0;
    for (const auto value : values) {
        sum += static_cast<long double>(value);
    }
    const long double mean = sum / static_cast<long double>(values.size());
    long double squares = 0;
    for (const auto value : values) {
        const long double distance = static_cast<long double>(value) - mean;
        squares += distance * distance;
    }
    const long double deviation = std::sqrt(squares / static_cast<long double>(values.size()));
    CHECK(histogram.count() == values.size());
    CHECK(histogram.least().count() == *std::ranges::min_element(values));
    CHECK(histogram.greatest().count() == *std::ranges::max_element(values));
    CHECK(histogram.mean_ns() == Approx(static_cast<double>(mean)).epsilon(1e-9));
    CHECK(histogram.deviation_ns() == Approx(static_cast<double>(deviation)).epsilon(1e-9));
}

TEST_CASE("histogram: merged ones equal one that saw everything", "[bench]") {
    const auto values = random_latencies(3, 30'001);
    const auto whole = filled(values);
    latency_histogram merged;
    merged.merge(latency_histogram{});
    for (std::size_t from = 0; from < values.size(); from += 5000) {
        const auto to = std::min(values.size(), from + 5000);
        merged.merge(filled(
            {values.begin() + static_cast<long>(from), values.begin() + static_cast<long>(to)}));
    }
    CHECK(merged.count() == whole.count());
    CHECK(merged.least() == whole.least());
    CHECK(merged.greatest() == whole.greatest());
    CHECK(merged.mean_ns() == Approx(whole.mean_ns()).epsilon(1e-9));
    CHECK(merged.deviation_ns() == Approx(whole.deviation_ns()).epsilon(1e-9));
    for (const double share : {0.01, 0.5, 0.999}) {
        CHECK(merged.percentile(share) == whole.percentile(share));
    }
}

TEST_CASE("histogram: the ends of the range have a bucket", "[bench]") {
    latency_histogram histogram;
    CHECK(histogram.percentile(0.5) == nanoseconds{0});
    histogram.add(nanoseconds{-5});
    CHECK(histogram.greatest() == nanoseconds{0});
    histogram.add(nanoseconds::max());
    CHECK(histogram.percentile(1) <= nanoseconds::max());
    CHECK(histogram.percentile(1).count() > nanoseconds::max().count() / 256 * 255);
}
