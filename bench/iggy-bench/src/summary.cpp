#include "summary.hpp"

#include <algorithm>
#include <cmath>

namespace iggy::bench {
namespace {

using milliseconds = std::chrono::duration<double, std::milli>;
using seconds = std::chrono::duration<double>;

double ms(std::chrono::nanoseconds time) noexcept { return milliseconds{time}.count(); }

constexpr double ns_per_ms = 1e6;

/// Mean and deviation of the logarithms, in ms; what is 0 has none.
void fit_log_normal(const latency_histogram& latencies, latency_distribution& into) {
    double count = 0;
    double sum = 0;
    double squares = 0;
    latencies.for_each_bucket([&](std::chrono::nanoseconds middle, std::uint64_t n) {
        if (middle.count() > 0) {
            const double logarithm = std::log(ms(middle));
            const auto weight = static_cast<double>(n);
            count += weight;
            sum += weight * logarithm;
            squares += weight * logarithm * logarithm;
        }
    });
    if (count > 0) {
        into.mu = sum / count;
        into.sigma = std::sqrt(std::max(0.0, squares / count - into.mu * into.mu));
    }
}

}  // namespace

std::string_view name_of(actor_kind kind) noexcept {
    return kind == actor_kind::producer ? "Producer" : "Consumer";
}

latency_figures summarize(const latency_histogram& latencies) {
    latency_figures figures;
    figures.p50 = ms(latencies.percentile(0.5));
    figures.p90 = ms(latencies.percentile(0.9));
    figures.p95 = ms(latencies.percentile(0.95));
    figures.p99 = ms(latencies.percentile(0.99));
    figures.p999 = ms(latencies.percentile(0.999));
    figures.p9999 = ms(latencies.percentile(0.9999));
    figures.mean = latencies.mean_ns() / ns_per_ms;
    figures.median = figures.p50;
    figures.least = ms(latencies.least());
    figures.greatest = ms(latencies.greatest());
    figures.deviation = latencies.deviation_ns() / ns_per_ms;
    return figures;
}

throughput_figures rate_of(const totals& done, std::chrono::nanoseconds took) noexcept {
    constexpr double bytes_per_megabyte = 1e6;
    const double time = seconds{took}.count();
    if (time <= 0) {
        return {};
    }
    return {static_cast<double>(done.user_bytes) / bytes_per_megabyte / time,
            static_cast<double>(done.messages) / time};
}

std::optional<latency_distribution> distribution_of(const latency_histogram& latencies) {
    constexpr std::size_t bin_count = 50;
    constexpr double past_p99 = 1.5;
    if (latencies.count() == 0) {
        return std::nullopt;
    }
    latency_distribution result;
    result.p05_ms = ms(latencies.percentile(0.05));
    result.p50_ms = ms(latencies.percentile(0.5));
    result.p95_ms = ms(latencies.percentile(0.95));
    result.p99_ms = ms(latencies.percentile(0.99));
    fit_log_normal(latencies, result);
    const double least = ms(latencies.least());
    const double end = std::min(past_p99 * result.p99_ms, ms(latencies.greatest()));
    if (end <= least) {
        result.bins.push_back({least, 1});
        return result;
    }
    const double width = (end - least) / bin_count;
    for (std::size_t index = 0; index < bin_count; ++index) {
        result.bins.push_back({least + static_cast<double>(index) * width, 0});
    }
    const double weight = 1 / (static_cast<double>(latencies.count()) * width);
    latencies.for_each_bucket([&](std::chrono::nanoseconds middle, std::uint64_t n) {
        const auto index = static_cast<std::size_t>((ms(middle) - least) / width);
        // The last bin also takes everything above it.
        result.bins[std::min(index, bin_count - 1)].density += static_cast<double>(n) * weight;
    });
    return result;
}

actor_summary summarize(actor_kind kind, std::uint32_t number, const recorder& actor,
                        std::size_t window) {
    return {kind,
            number,
            seconds{actor.active()}.count(),
            actor.done(),
            rate_of(actor.done(), actor.active()),
            summarize(actor.latencies()),
            actor.series().megabytes_per_second(window),
            actor.series().messages_per_second(window),
            actor.series().latency_ms()};
}

group_summary summarize(group_kind kind, std::span<const recorder* const> actors,
                        std::chrono::nanoseconds took, std::size_t window) {
    group_summary group;
    group.kind = kind;
    group.actors = static_cast<std::uint32_t>(actors.size());
    group.seconds = seconds{took}.count();
    latency_histogram latencies;
    std::optional<time_series> series;
    for (const recorder* actor : actors) {
        group.done += actor->done();
        latencies.merge(actor->latencies());
        if (series) {
            series->merge(actor->series());
        } else {
            series = actor->series();
        }
    }
    group.throughput = rate_of(group.done, took);
    group.latency = summarize(latencies);
    group.distribution = distribution_of(latencies);
    if (series) {
        group.megabytes_series = series->megabytes_per_second(window);
        group.messages_series = series->messages_per_second(window);
        group.latency_series = series->latency_ms();
    }
    return group;
}

}  // namespace iggy::bench
