#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>
#include <nlohmann/json.hpp>

#include "report.hpp"

namespace iggy::bench {
namespace {

using json = nlohmann::ordered_json;

double rounded(double value) {
    constexpr double thousand = 1000;
    return std::round(value * thousand) / thousand;
}

template <class Value>
json or_null(const std::optional<Value>& value) {
    return value ? json(*value) : json(nullptr);
}

json range_json(const number_range& range) {
    return range.is_fixed() ? json(range.least) : json(to_string(range));
}

json series_json(const points& series) {
    json list = json::array();
    for (const auto& [time_s, value] : series) {
        list.push_back({{"time_s", rounded(time_s)}, {"value", rounded(value)}});
    }
    return {{"points", std::move(list)}};
}

std::string_view snake_name(actor_kind kind) noexcept {
    return kind == actor_kind::producer ? "producer" : "consumer";
}

std::string_view snake_name(group_kind kind) noexcept {
    switch (kind) {
        case group_kind::producers:
            return "producers";
        case group_kind::consumers:
            return "consumers";
        case group_kind::producers_and_consumers:
            return "producers_and_consumers";
    }
    return "";
}

json distribution_json(const latency_distribution& shape) {
    json bins = json::array();
    for (const auto& [edge_ms, density] : shape.bins) {
        bins.push_back({{"edge_ms", rounded(edge_ms)}, {"density", rounded(density)}});
    }
    return {{"bins", std::move(bins)},
            {"log_normal_params", {{"mu", rounded(shape.mu)}, {"sigma", rounded(shape.sigma)}}},
            {"percentiles",
             {{"p05_ms", rounded(shape.p05_ms)},
              {"p50_ms", rounded(shape.p50_ms)},
              {"p95_ms", rounded(shape.p95_ms)},
              {"p99_ms", rounded(shape.p99_ms)}}}};
}

json group_json(const group_summary& group) {
    const double actors = group.actors;
    const auto& latency = group.latency;
    json object{
        {"summary",
         {{"kind", snake_name(group.kind)},
          {"total_throughput_megabytes_per_second", rounded(group.throughput.megabytes_per_second)},
          {"total_throughput_messages_per_second", rounded(group.throughput.messages_per_second)},
          {"average_throughput_megabytes_per_second",
           rounded(group.throughput.megabytes_per_second / actors)},
          {"average_throughput_messages_per_second",
           rounded(group.throughput.messages_per_second / actors)},
          {"average_p50_latency_ms", rounded(latency.p50)},
          {"average_p90_latency_ms", rounded(latency.p90)},
          {"average_p95_latency_ms", rounded(latency.p95)},
          {"average_p99_latency_ms", rounded(latency.p99)},
          {"average_p999_latency_ms", rounded(latency.p999)},
          {"average_p9999_latency_ms", rounded(latency.p9999)},
          {"average_latency_ms", rounded(latency.mean)},
          {"average_median_latency_ms", rounded(latency.median)},
          {"min_latency_ms", rounded(latency.least)},
          {"max_latency_ms", rounded(latency.greatest)},
          {"std_dev_latency_ms", rounded(latency.deviation)},
          {"total_time_secs", rounded(group.seconds)},
          {"total_messages", group.done.messages},
          {"total_message_batches", group.done.batches},
          {"total_user_data_bytes", group.done.user_bytes}}},
        {"avg_throughput_mb_ts", series_json(group.megabytes_series)},
        {"avg_throughput_msg_ts", series_json(group.messages_series)},
        {"avg_latency_ts", series_json(group.latency_series)}};
    if (group.distribution) {
        object["latency_distribution"] = distribution_json(*group.distribution);
    }
    return object;
}

json actor_json(const actor_summary& actor, bench_kind kind) {
    const auto& latency = actor.latency;
    return {{"summary",
             {{"benchmark_kind", snake_name(kind)},
              {"actor_kind", snake_name(actor.kind)},
              {"actor_id", actor.number},
              {"total_time_secs", rounded(actor.seconds)},
              {"total_user_data_bytes", actor.done.user_bytes},
              {"total_bytes", actor.done.total_bytes},
              {"total_messages", actor.done.messages},
              {"total_message_batches", actor.done.batches},
              {"throughput_megabytes_per_second", rounded(actor.throughput.megabytes_per_second)},
              {"throughput_messages_per_second", rounded(actor.throughput.messages_per_second)},
              {"p50_latency_ms", rounded(latency.p50)},
              {"p90_latency_ms", rounded(latency.p90)},
              {"p95_latency_ms", rounded(latency.p95)},
              {"p99_latency_ms", rounded(latency.p99)},
              {"p999_latency_ms", rounded(latency.p999)},
              {"p9999_latency_ms", rounded(latency.p9999)},
              {"avg_latency_ms", rounded(latency.mean)},
              {"median_latency_ms", rounded(latency.median)},
              {"min_latency_ms", rounded(latency.least)},
              {"max_latency_ms", rounded(latency.greatest)},
              {"std_dev_latency_ms", rounded(latency.deviation)}}},
            {"throughput_mb_ts", series_json(actor.megabytes_series)},
            {"throughput_msg_ts", series_json(actor.messages_series)},
            {"latency_ts", series_json(actor.latency_series)}};
}

json cache_json(const protocol::stats& stats) {
    json object = json::object();
    for (const auto& cache : stats.caches) {
        const auto key =
            fmt::format("{}-{}-{}", cache.stream.raw(), cache.topic.raw(), cache.partition.raw());
        object[key] = {
            {"hits", cache.hits}, {"misses", cache.misses}, {"hit_ratio", cache.hit_ratio}};
    }
    return object;
}

json stats_json(const protocol::stats& stats) {
    return {{"process_id", stats.process_id},
            {"cpu_usage", stats.cpu_usage},
            {"total_cpu_usage", stats.total_cpu_usage},
            {"memory_usage", stats.memory_usage_bytes},
            {"total_memory", stats.total_memory_bytes},
            {"available_memory", stats.available_memory_bytes},
            {"run_time", stats.run_time_micros},
            {"start_time", to_raw(stats.start_time)},
            {"read_bytes", stats.read_bytes},
            {"written_bytes", stats.written_bytes},
            {"messages_size_bytes", stats.messages_size_bytes},
            {"streams_count", stats.streams_count},
            {"topics_count", stats.topics_count},
            {"partitions_count", stats.partitions_count},
            {"segments_count", stats.segments_count},
            {"messages_count", stats.messages_count},
            {"clients_count", stats.clients_count},
            {"consumer_groups_count", stats.consumer_groups_count},
            {"hostname", stats.hostname},
            {"os_name", stats.os_name},
            {"os_version", stats.os_version},
            {"kernel_version", stats.kernel_version},
            {"iggy_server_version", stats.server_version},
            {"iggy_server_semver",
             stats.server_semver == 0 ? json(nullptr) : json(stats.server_semver)},
            {"cache_metrics", cache_json(stats)}};
}

json hardware_json(const report& of) {
    const auto& client = of.client;
    const bool is_named = of.command.output && of.command.output->identifier;
    return {{"identifier", is_named ? *of.command.output->identifier : client.host_name},
            {"cpu_name", client.cpu_name},
            {"cpu_cores", client.cpu_cores},
            {"total_memory_mb", client.memory_mib},
            {"os_name", client.os_name},
            {"os_version", client.kernel_version}};
}

/// `8 producers`, `8 producers, 8 consumers`
std::string actors_text(const workload& work) {
    std::string text;
    if (work.produces()) {
        text = fmt::format("{} producers", work.producers);
    }
    if (work.consumes()) {
        text += fmt::format("{}{} consumers", text.empty() ? "" : ", ", work.consumers);
    }
    return text;
}

json params_json(const report& of) {
    const auto& work = of.command.work;
    const auto place = of.command.output.value_or(output_place{});
    const std::uint32_t partitions = work.produces() ? 1 : 0;
    const std::string size = to_string(work.message_bytes);
    const std::string batch = to_string(work.batch_messages);
    std::string remark = place.remark.value_or("no_remark");
    std::ranges::replace(remark, ' ', '_');
    const std::string amount = work.user_bytes ? fmt::format("{}B", *work.user_bytes)
                                               : fmt::format("{}", work.batches.value_or(0));
    return {{"benchmark_kind", snake_name(work.kind)},
            {"transport", "tcp"},
            {"server_address", of.command.server.address},
            {"remark", or_null(place.remark)},
            {"extra_info", or_null(place.extra_info)},
            {"gitref", place.gitref.value_or(of.server.stats.server_version)},
            {"gitref_date", place.gitref_date.value_or(of.timestamp)},
            {"messages_per_batch", range_json(work.batch_messages)},
            {"message_batches", of.server.done().batches},
            {"message_size", range_json(work.message_bytes)},
            {"producers", work.producers},
            {"consumers", work.consumers},
            {"streams", work.streams},
            {"partitions", partitions},
            {"consumer_groups", 0},
            {"rate_limit", work.rate ? json(format_byte_size(*work.rate)) : json(nullptr)},
            {"pretty_name", fmt::format("{}, {}B msgs, {} msgs/batch{}", actors_text(work), size,
                                        batch, place.remark ? " (" + *place.remark + ")" : "")},
            {"bench_command", of.command.words},
            {"params_identifier",
             fmt::format("{}_TCP_{}_{}_{}_{}_{}_{}_{}_{}_0", words_of(work.kind), remark, batch,
                         amount, size, work.producers, work.consumers, work.streams, partitions)}};
}

json costs_json(const target_figures& figures) {
    json object{{"server_cpu_secs", or_null(figures.server_cpu_seconds())},
                {"server_peak_memory_bytes", or_null(figures.peak_memory_bytes)},
                {"client_cpu_secs", figures.client_cpu_seconds()}};
    return object;
}

json bystanders_json(const latency_figures& latency) {
    return {{"p50_latency_ms", rounded(latency.p50)},
            {"p99_latency_ms", rounded(latency.p99)},
            {"p999_latency_ms", rounded(latency.p999)},
            {"max_latency_ms", rounded(latency.greatest)}};
}

json limit_json(const target_figures& server, const comparison& beside) {
    json turns = json::array();
    const auto ours = server.turn_rates();
    const auto theirs = beside.limit.turn_rates();
    for (std::size_t index = 0; index < std::min(ours.size(), theirs.size()); ++index) {
        turns.push_back({{"server_messages_per_second", rounded(ours[index])},
                         {"limit_messages_per_second", rounded(theirs[index])}});
    }
    json groups = json::array();
    for (const auto& group : beside.limit.groups) {
        groups.push_back(group_json(group));
    }
    json object{{"share", rounded(beside.share)},
                {"turns", std::move(turns)},
                {"group_metrics", std::move(groups)},
                {"costs", costs_json(beside.limit)}};
    if (beside.limit.bystanders) {
        object["bystanders"] = bystanders_json(*beside.limit.bystanders);
    }
    return object;
}

}  // namespace

std::string_view snake_name(bench_kind kind) noexcept {
    switch (kind) {
        case bench_kind::pinned_producer:
            return "pinned_producer";
        case bench_kind::pinned_consumer:
            return "pinned_consumer";
        case bench_kind::pinned_producer_and_consumer:
            return "pinned_producer_and_consumer";
    }
    return "";
}

std::string_view words_of(bench_kind kind) noexcept {
    switch (kind) {
        case bench_kind::pinned_producer:
            return "Pinned Producer";
        case bench_kind::pinned_consumer:
            return "Pinned Consumer";
        case bench_kind::pinned_producer_and_consumer:
            return "Pinned Producer And Consumer";
    }
    return "";
}

std::string to_string(const number_range& range) {
    return range.is_fixed() ? fmt::format("{}", range.least)
                            : fmt::format("{}..{}", range.least, range.greatest);
}

std::string to_json(const report& of) {
    json groups = json::array();
    for (const auto& group : of.server.groups) {
        groups.push_back(group_json(group));
    }
    json actors = json::array();
    for (const auto& actor : of.server.actors) {
        actors.push_back(actor_json(actor, of.command.work.kind));
    }
    json object{{"uuid", of.uuid},
                {"timestamp", of.timestamp},
                {"server_stats", stats_json(of.server.stats)},
                {"hardware", hardware_json(of)},
                {"params", params_json(of)},
                {"group_metrics", std::move(groups)},
                {"individual_metrics", std::move(actors)},
                {"costs", costs_json(of.server)}};
    if (of.server.bystanders) {
        object["bystanders"] = bystanders_json(*of.server.bystanders);
    }
    if (of.beside) {
        object["limit"] = limit_json(of.server, *of.beside);
    }
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace iggy::bench
