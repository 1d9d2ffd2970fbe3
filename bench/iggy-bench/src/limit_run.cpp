#include "limit_run.hpp"

#include <chrono>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bare_process.hpp"
#include "machine_probe.hpp"
#include "target.hpp"

namespace iggy::bench {
namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds each_probe{500};
constexpr double bytes_per_gigabyte = 1e9;

/// What the least server did with batches of one size.
struct bare_figures {
    std::uint32_t batch_messages = 0;
    target_figures produced;
    target_figures polled;
};

struct limit_figures {
    memory_figures memory;
    disk_figures disk;
    std::vector<bare_figures> servers;
};

result<target_figures> run_kind(bench_kind kind, workload work, std::uint32_t connections,
                                const server_access& at, std::atomic<bool>& stop) {
    work.kind = kind;
    (kind == bench_kind::pinned_producer ? work.producers : work.consumers) = connections;
    auto side = target::open(work, at, std::chrono::seconds{1});
    if (!side) {
        return side.error();
    }
    progress_line progress{totals{}};
    progress.begin_turn("limit");
    const auto ran = side->run_for(each_probe, progress, stop);
    progress.clear();
    if (!ran) {
        return ran.error();
    }
    return side->figures(1);
}

result<bare_figures> run_bare(const limit_command& command, std::uint32_t batch_messages,
                              std::atomic<bool>& stop) {
    const auto process = bare_process::start(command.limit);
    if (!process) {
        return process.error();
    }
    server_access at;
    at.address = process->address();
    workload work;
    work.streams = command.connections;
    work.message_bytes = {command.message_bytes, command.message_bytes};
    work.batch_messages = {batch_messages, batch_messages};
    auto produced = run_kind(bench_kind::pinned_producer, work, command.connections, at, stop);
    if (!produced) {
        return produced.error();
    }
    auto polled = run_kind(bench_kind::pinned_consumer, work, command.connections, at, stop);
    if (!polled) {
        return polled.error();
    }
    return bare_figures{batch_messages, std::move(*produced), std::move(*polled)};
}

result<limit_figures> probe(const limit_command& command, std::atomic<bool>& stop) {
    limit_figures figures;
    figures.memory = probe_memory(each_probe);
    auto disk = probe_disk(place_of(command.limit), each_probe);
    if (!disk) {
        return disk.error();
    }
    figures.disk = std::move(*disk);
    for (const auto batch_messages : command.batch_messages) {
        if (stop) {
            return failure{"ended by Ctrl-C"};
        }
        auto bare = run_bare(command, batch_messages, stop);
        if (!bare) {
            return bare.error();
        }
        figures.servers.push_back(std::move(*bare));
    }
    return figures;
}

double syncs_per_second(const latency_histogram& syncs) {
    constexpr double ns_per_second = 1e9;
    return syncs.mean_ns() > 0 ? ns_per_second / syncs.mean_ns() : 0;
}

double cpu_seconds_per_gigabyte(const target_figures& figures) {
    const double gigabytes =
        static_cast<double>(figures.groups.front().done.total_bytes) / bytes_per_gigabyte;
    return gigabytes > 0 ? figures.server_cpu_seconds().value_or(0) / gigabytes : 0;
}

std::string sync_text(const char* what, const latency_histogram& syncs) {
    const auto latency = summarize(syncs);
    return fmt::format("{:<34}{:>10.0f} /s      p50 {:.2f} ms, p99 {:.2f} ms\n", what,
                       syncs_per_second(syncs), latency.p50, latency.p99);
}

std::string server_text(const char* what, const limit_command& command, std::uint32_t batch,
                        const target_figures& figures) {
    const auto& group = figures.groups.front();
    return fmt::format(
        "{:<34}{:>10.0f} msgs/s  {:.1f} MB/s, p50 {:.2f} ms, p99 {:.2f} ms, {:.2f} CPU-s/GB\n",
        fmt::format("{} {} x {} x {} B", what, command.connections, batch, command.message_bytes),
        group.throughput.messages_per_second, group.throughput.megabytes_per_second,
        group.latency.p50, group.latency.p99, cpu_seconds_per_gigabyte(figures));
}

std::string text_of(const limit_command& command, const limit_figures& figures) {
    const auto rate = [](const char* what, double bytes_per_second) {
        return fmt::format("{:<34}{:>10.2f} GB/s\n", what, bytes_per_second / bytes_per_gigabyte);
    };
    std::string text = rate("memory copy, in the cache", figures.memory.cached_copy) +
                       rate("memory copy, past the caches", figures.memory.uncached_copy) +
                       rate("disk: append to the page cache", figures.disk.append) +
                       rate("disk: append, synced at the end", figures.disk.append_and_sync) +
                       rate("disk: read from the page cache", figures.disk.cached_read) +
                       sync_text("disk: append 4 KiB and sync", figures.disk.sync_of_append) +
                       sync_text("disk: overwrite 4 KiB and sync", figures.disk.sync_of_overwrite);
    for (const auto& bare : figures.servers) {
        text += server_text("least server, send", command, bare.batch_messages, bare.produced);
        text += server_text("least server, poll", command, bare.batch_messages, bare.polled);
    }
    return text;
}

json sync_json(const latency_histogram& syncs) {
    const auto latency = summarize(syncs);
    return {{"per_second", syncs_per_second(syncs)},
            {"p50_latency_ms", latency.p50},
            {"p99_latency_ms", latency.p99}};
}

json server_json(const target_figures& figures) {
    const auto& group = figures.groups.front();
    return {{"messages", group.done.messages},
            {"messages_per_second", group.throughput.messages_per_second},
            {"megabytes_per_second", group.throughput.megabytes_per_second},
            {"p50_latency_ms", group.latency.p50},
            {"p99_latency_ms", group.latency.p99},
            {"server_cpu_secs_per_gigabyte", cpu_seconds_per_gigabyte(figures)}};
}

json json_of(const limit_command& command, const limit_figures& figures) {
    json servers = json::array();
    for (const auto& bare : figures.servers) {
        servers.push_back({{"connections", command.connections},
                           {"messages_per_batch", bare.batch_messages},
                           {"message_size", command.message_bytes},
                           {"synced", command.limit.synced},
                           {"send", server_json(bare.produced)},
                           {"poll", server_json(bare.polled)}});
    }
    return {{"memory",
             {{"cached_copy_bytes_per_second", figures.memory.cached_copy},
              {"uncached_copy_bytes_per_second", figures.memory.uncached_copy}}},
            {"disk",
             {{"append_bytes_per_second", figures.disk.append},
              {"append_and_sync_bytes_per_second", figures.disk.append_and_sync},
              {"cached_read_bytes_per_second", figures.disk.cached_read},
              {"sync_of_append", sync_json(figures.disk.sync_of_append)},
              {"sync_of_overwrite", sync_json(figures.disk.sync_of_overwrite)}}},
            {"least_server", std::move(servers)}};
}

}  // namespace

result<done_t> run_limit(const limit_command& command, std::atomic<bool>& stop) {
    const auto figures = probe(command, stop);
    if (!figures) {
        return figures.error();
    }
    if (command.json) {
        fmt::print("{}\n", json_of(command, *figures).dump());
    } else {
        fmt::print("{}", text_of(command, *figures));
    }
    return done;
}

}  // namespace iggy::bench
