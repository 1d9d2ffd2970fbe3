#include <utility>
#include <vector>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

#include "console.hpp"
#include "table.hpp"

namespace iggy::bench {
namespace {

cli::table::row throughput_row(std::string who, const totals& done, double seconds,
                               const throughput_figures& rate) {
    return {std::move(who),
            fmt::format("{}", done.messages),
            fmt::format("{}", done.batches),
            format_byte_size(done.user_bytes),
            fmt::format("{:.2f} s", seconds),
            fmt::format("{:.2f}", rate.megabytes_per_second),
            fmt::format("{:.0f}", rate.messages_per_second)};
}

cli::table::row latency_row(std::string who, const latency_figures& latency) {
    cli::table::row cells{std::move(who)};
    for (const double ms :
         {latency.p50, latency.p90, latency.p95, latency.p99, latency.p999, latency.p9999,
          latency.mean, latency.median, latency.least, latency.greatest, latency.deviation}) {
        cells.push_back(fmt::format("{:.3f}", ms));
    }
    return cells;
}

}  // namespace

std::string tables_text(const target_figures& figures) {
    cli::table throughput{
        {"Throughput", "messages", "batches", "payload", "time", "MB/s", "msgs/s"}};
    cli::table latency{{"Latency (ms)", "p50", "p90", "p95", "p99", "p999", "p9999", "avg",
                        "median", "min", "max", "std dev"}};
    for (const auto& actor : figures.actors) {
        const auto who = fmt::format("{} #{}", name_of(actor.kind), actor.number);
        throughput.add(throughput_row(who, actor.done, actor.seconds, actor.throughput));
        latency.add(latency_row(who, actor.latency));
    }
    for (const auto& group : figures.groups) {
        const std::string who{title_of(group.kind)};
        throughput.add(throughput_row(who, group.done, group.seconds, group.throughput));
        latency.add(latency_row(who, group.latency));
    }
    return throughput.framed() + '\n' + latency.framed();
}

}  // namespace iggy::bench
