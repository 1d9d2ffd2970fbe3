#include "summary.hpp"

#include <numeric>

#include "support/catch.hpp"

using namespace iggy::bench;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

constexpr nanoseconds width = milliseconds{10};

double sum(const points& series) {
    return std::accumulate(series.begin(), series.end(), 0.0,
                           [](double so_far, const point& one) { return so_far + one.value; });
}

/// Batches of 10 messages with 1000 bytes of payload, done every `every` of the turn.
void record(recorder& actor, nanoseconds every, nanoseconds latency, int count,
            nanoseconds before = nanoseconds{0}) {
    const clock::time_point begin{};
    actor.begin_turn(begin, before);
    for (int done = 1; done <= count; ++done) {
        actor.add(begin + done * every, latency, {10, 1000, 1640});
    }
}

}  // namespace

TEST_CASE("summary: throughput is what was moved over wall time, pauses included", "[bench]") {
    recorder actor{width};
    const clock::time_point begin{};
    actor.begin_turn(begin, nanoseconds{0});
    actor.add(begin + milliseconds{1}, milliseconds{1}, {10, 1'000'000, 1'000'640});
    actor.add(begin + milliseconds{2000}, milliseconds{1}, {10, 1'000'000, 1'000'640});
    const auto summary = summarize(actor_kind::producer, 1, actor, 20);
    CHECK(summary.seconds == Approx(2));
    CHECK(summary.throughput.megabytes_per_second == Approx(1));
    CHECK(summary.throughput.messages_per_second == Approx(10));
}

TEST_CASE("summary: percentiles of a group are over the batches of all actors", "[bench]") {
    recorder fast{width};
    recorder slow{width};
    record(fast, milliseconds{1}, milliseconds{1}, 990);
    record(slow, milliseconds{100}, milliseconds{100}, 10);
    const recorder* const both[] = {&fast, &slow};
    const auto group = summarize(group_kind::producers, both, milliseconds{1000}, 1);
    // 10 of 1000 batches are slow: a mean of the two actors' values would say 50.5 ms.
    CHECK(group.latency.p50 == Approx(1).epsilon(0.004));
    CHECK(group.latency.p99 == Approx(1).epsilon(0.004));
    CHECK(group.latency.p999 == Approx(100).epsilon(0.004));
    CHECK(group.latency.greatest == Approx(100));
    CHECK(group.done.messages == 10'000);
    CHECK(group.throughput.messages_per_second == Approx(10'000));
    CHECK(group.actors == 2);
}

TEST_CASE("summary: turns follow each other in the series, the pauses between them left out",
          "[bench]") {
    recorder actor{width};
    record(actor, milliseconds{10}, milliseconds{10}, 5);
    record(actor, milliseconds{10}, milliseconds{10}, 5, milliseconds{50});
    CHECK(actor.done().batches == 10);
    CHECK(actor.active() == milliseconds{100});
    CHECK(actor.in_turn() == milliseconds{50});
    const auto series = actor.series().messages_per_second(1);
    CHECK(sum(series) * 0.01 == Approx(100));
    CHECK(series[7].value == Approx(1000));
}

TEST_CASE("series: a batch is spread over the buckets that it took", "[bench]") {
    time_series series{width};
    series.add(milliseconds{5}, milliseconds{35}, {300, 3'000'000, 3'019'200}, milliseconds{30});
    const auto messages = series.messages_per_second(1);
    REQUIRE(messages.size() == 4);
    CHECK(messages[0].value == Approx(5'000));
    CHECK(messages[1].value == Approx(10'000));
    CHECK(messages[2].value == Approx(10'000));
    CHECK(messages[3].value == Approx(5'000));
    CHECK(messages[3].time_s == Approx(0.03));
    CHECK(sum(series.megabytes_per_second(1)) * 0.01 == Approx(3));
    const auto latencies = series.latency_ms();
    REQUIRE(latencies.size() == 1);
    CHECK(latencies[0].value == Approx(30));
}

TEST_CASE("series: the moving average has fewer points to look at in the beginning", "[bench]") {
    points series{{0, 4}, {1, 8}, {2, 0}, {3, 2}};
    smooth(series, 3);
    CHECK(series[0].value == Approx(4));
    CHECK(series[1].value == Approx(6));
    CHECK(series[2].value == Approx(4));
    CHECK(series[3].value == Approx(10.0 / 3));
}

TEST_CASE("distribution: the bins hold every latency", "[bench]") {
    latency_histogram latencies;
    for (int micros = 1; micros <= 1000; ++micros) {
        latencies.add(std::chrono::microseconds{micros});
    }
    latencies.add(milliseconds{500});
    const auto shape = distribution_of(latencies);
    REQUIRE(shape);
    REQUIRE(shape->bins.size() == 50);
    const double bin_width = shape->bins[1].edge_ms - shape->bins[0].edge_ms;
    double area = 0;
    for (const auto& bin : shape->bins) {
        area += bin.density * bin_width;
    }
    CHECK(area == Approx(1));
    CHECK(shape->bins.front().edge_ms == Approx(0.001));
    CHECK(shape->p05_ms <= shape->p50_ms);
    CHECK(shape->p95_ms <= shape->p99_ms);
}

TEST_CASE("distribution: equal latencies make one bin, and nothing makes none", "[bench]") {
    latency_histogram latencies;
    CHECK_FALSE(distribution_of(latencies));
    latencies.add(milliseconds{2});
    latencies.add(milliseconds{2});
    const auto shape = distribution_of(latencies);
    REQUIRE(shape);
    REQUIRE(shape->bins.size() == 1);
    CHECK(shape->bins[0].density == Approx(1));
    CHECK(shape->mu == Approx(std::log(2.0)));
    CHECK(shape->sigma == Approx(0).margin(1e-6));
}
