#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "recorder.hpp"

/// The figures of a report, from what the actors recorded.
namespace iggy::bench {

enum class actor_kind : std::uint8_t { producer, consumer };
enum class group_kind : std::uint8_t { producers, consumers, producers_and_consumers };

/// `Producer`, `Consumer`: as the console shows them.
std::string_view name_of(actor_kind kind) noexcept;

/// In milliseconds.
struct latency_figures {
    double p50 = 0;
    double p90 = 0;
    double p95 = 0;
    double p99 = 0;
    double p999 = 0;
    double p9999 = 0;
    double mean = 0;
    double median = 0;
    double least = 0;
    double greatest = 0;
    double deviation = 0;
};
latency_figures summarize(const latency_histogram& latencies);

struct throughput_figures {
    double megabytes_per_second = 0;  ///< of payload; 1 MB is 1,000,000 bytes
    double messages_per_second = 0;
};
/// What was done over the time it took; 0 when it took none.
throughput_figures rate_of(const totals& done, std::chrono::nanoseconds took) noexcept;

/// Latencies of a group as a density with a log-normal curve beside it.
struct latency_distribution {
    struct bin {
        double edge_ms = 0;  ///< lower
        double density = 0;  ///< per ms
    };
    std::vector<bin> bins;
    double mu = 0;     ///< mean of ln(ms)
    double sigma = 0;  ///< deviation of ln(ms)
    double p05_ms = 0;
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
};
/// Nothing without a latency.
std::optional<latency_distribution> distribution_of(const latency_histogram& latencies);

struct actor_summary {
    actor_kind kind{};
    std::uint32_t number = 0;  ///< from 1
    double seconds = 0;
    totals done;
    throughput_figures throughput;
    latency_figures latency;
    points megabytes_series;
    points messages_series;
    points latency_series;
};

struct group_summary {
    group_kind kind{};
    std::uint32_t actors = 0;
    double seconds = 0;  ///< until the last actor's last batch
    totals done;
    throughput_figures throughput;  ///< of all actors together
    latency_figures latency;        ///< over the batches of all actors
    std::optional<latency_distribution> distribution;
    points megabytes_series;
    points messages_series;
    points latency_series;
};

/// `window` is how many points of a throughput series become one.
actor_summary summarize(actor_kind kind, std::uint32_t number, const recorder& actor,
                        std::size_t window);
/// `took` is the time from the begin to the last batch of all. Of one sampling time.
group_summary summarize(group_kind kind, std::span<const recorder* const> actors,
                        std::chrono::nanoseconds took, std::size_t window);

}  // namespace iggy::bench
