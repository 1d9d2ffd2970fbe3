#include "console.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

namespace iggy::bench {
namespace {

/// `999`, `1k`, `1.2M`
std::string short_count(std::uint64_t count) {
    constexpr double step = 1000;
    constexpr std::string_view units = "kMGT";
    auto value = static_cast<double>(count);
    std::size_t unit = 0;
    while (value >= step && unit < units.size()) {
        value /= step;
        ++unit;
    }
    std::string text = fmt::format("{:.1f}", value);
    if (text.ends_with(".0")) {
        text.resize(text.size() - 2);
    }
    return unit == 0 ? text : text + units[unit - 1];
}

std::string latencies_text(const latency_figures& latency, std::string_view extreme_word) {
    return fmt::format(
        "p50 latency: {:.2f} ms, p90 latency: {:.2f} ms, p95 latency: {:.2f} ms, p99 latency: "
        "{:.2f} ms, p999 latency: {:.2f} ms, p9999 latency: {:.2f} ms, average latency: {:.2f} ms, "
        "median latency: {:.2f} ms, min{}: {:.2f} ms, max{}: {:.2f} ms, std dev{}: {:.2f} ms",
        latency.p50, latency.p90, latency.p95, latency.p99, latency.p999, latency.p9999,
        latency.mean, latency.median, extreme_word, latency.least, extreme_word, latency.greatest,
        extreme_word, latency.deviation);
}

std::string_view actor_of(group_kind kind) noexcept {
    switch (kind) {
        case group_kind::producers:
            return "Producer";
        case group_kind::consumers:
            return "Consumer";
        case group_kind::producers_and_consumers:
            return "Actor";
    }
    return "";
}

std::string group_text(const group_summary& group) {
    return fmt::format(
        "{}: Total throughput: {:.2f} MB/s, {:.0f} messages/s, average throughput per {}: {:.2f} "
        "MB/s, {}, total time: {:.2f} s",
        title_of(group.kind), group.throughput.megabytes_per_second,
        group.throughput.messages_per_second, actor_of(group.kind),
        group.throughput.megabytes_per_second / group.actors, latencies_text(group.latency, ""),
        group.seconds);
}

std::string counts_text(const workload& work) {
    std::string text;
    if (work.produces()) {
        text += fmt::format("{} producers, ", work.producers);
    }
    if (work.consumes()) {
        text += fmt::format("{} consumers, ", work.consumers);
    }
    return text + fmt::format("{} streams, 1 topic per stream, ", work.streams) +
           (work.produces() ? "1 partitions per topic, " : "");
}

std::string header_text(const report& of) {
    const auto& work = of.command.work;
    const auto done = of.server.done();
    return fmt::format(
        "Benchmark: {}, {}{} messages, {} messages per batch, {} message batches, {} bytes per "
        "message, {} of data processed",
        words_of(work.kind), counts_text(work), done.messages, to_string(work.batch_messages),
        done.batches, to_string(work.message_bytes), format_byte_size(done.user_bytes));
}

std::string cpu_text(double seconds, const totals& done) {
    constexpr double micros = 1e6;
    return fmt::format(
        "{:.2f} CPU-s ({:.3f} µs per message)", seconds,
        done.messages == 0 ? 0 : seconds * micros / static_cast<double>(done.messages));
}

std::string costs_text(const target_figures& figures) {
    const auto done = figures.done();
    std::string text = "Costs: server ";
    if (const auto seconds = figures.server_cpu_seconds()) {
        text += cpu_text(*seconds, done);
        text += fmt::format(", peak memory {}",
                            format_byte_size(figures.peak_memory_bytes.value_or(0)));
    } else {
        text += "unknown, it is not on this machine";
    }
    return text + "; iggy-bench " + cpu_text(figures.client_cpu_seconds(), done);
}

/// `1234 messages/s (1200 to 1300)`
std::string rates_text(std::vector<double> rates) {
    const auto [least, greatest] = std::ranges::minmax(rates);
    return fmt::format("{:.0f} messages/s ({:.0f} to {:.0f})", median(std::move(rates)), least,
                       greatest);
}

std::string limit_text(const report& of) {
    const auto& limit = of.beside->limit;
    std::string text = fmt::format(
        "Share of the limit: {:.2f}, medians of {} turns: server {}, the least that a server can "
        "do {}",
        of.beside->share, limit.turns.size(), rates_text(of.server.turn_rates()),
        rates_text(limit.turn_rates()));
    for (const auto& group : limit.groups) {
        text += "\nLimit, " + group_text(group);
    }
    return text + "\nLimit, " + costs_text(limit);
}

}  // namespace

std::string_view title_of(group_kind kind) noexcept {
    switch (kind) {
        case group_kind::producers:
            return "Producers Results";
        case group_kind::consumers:
            return "Consumers Results";
        case group_kind::producers_and_consumers:
            return "Aggregate Results";
    }
    return "";
}

void console::line(const std::string& text) {
    fmt::print(to_, "{}\n", text);
    std::fflush(to_);
    text_ += text + '\n';
}

std::string start_text(const bench_command& command) {
    const auto& work = command.work;
    return fmt::format(
        "Starting to benchmark: tcp with server: {}\nStarting benchmark {}, {}{} bytes per "
        "message, {} messages per batch",
        command.server.address, words_of(work.kind), counts_text(work),
        to_string(work.message_bytes), to_string(work.batch_messages));
}

std::string actor_text(const actor_summary& actor, const workload& work) {
    const std::string moved =
        actor.kind == actor_kind::producer
            ? fmt::format("sent {} messages in {} batches", short_count(actor.done.messages),
                          short_count(actor.done.batches))
            : fmt::format("polled {} messages, {} batches", short_count(actor.done.messages),
                          short_count(actor.done.batches));
    return fmt::format(
        "{} #{} → {} of {} messages in {:.2f} s, total size: {}, average throughput: {:.2f} MB/s, "
        "{}",
        name_of(actor.kind), actor.number, moved, to_string(work.batch_messages), actor.seconds,
        format_byte_size(actor.done.total_bytes), actor.throughput.megabytes_per_second,
        latencies_text(actor.latency, " latency"));
}

std::string summary_text(const report& of) {
    std::string text = header_text(of);
    if (of.command.shown.pretty) {
        text += '\n' + tables_text(of.server);
    } else {
        for (const auto& group : of.server.groups) {
            text += '\n' + group_text(group);
        }
    }
    if (of.server.bystanders) {
        const auto& latency = *of.server.bystanders;
        text += fmt::format(
            "\nBystanders: {} connections that ping each millisecond, p50 latency: {:.2f} ms, p99 "
            "latency: {:.2f} ms, max: {:.2f} ms",
            of.command.work.bystanders, latency.p50, latency.p99, latency.greatest);
    }
    text += '\n' + costs_text(of.server);
    return of.beside ? text + '\n' + limit_text(of) : text;
}

}  // namespace iggy::bench
