#include "stats_text.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace iggy::cli;
namespace protocol = iggy::protocol;

namespace {

protocol::stats some_stats() {
    protocol::stats stats;
    stats.process_id = 42;
    stats.cpu_usage = 1.25F;
    stats.total_cpu_usage = 50;
    stats.memory_usage_bytes = 64'000'000;
    stats.total_memory_bytes = std::uint64_t{1} << 30;
    stats.available_memory_bytes = 999;
    stats.run_time_micros = 61'000'000;
    stats.start_time = iggy::timestamp_from_raw(1'700'000'000'000'000);
    stats.messages_size_bytes = 1500;
    stats.streams_count = 1;
    stats.topics_count = 2;
    stats.partitions_count = 3;
    stats.segments_count = 4;
    stats.messages_count = 5;
    stats.clients_count = 6;
    stats.consumer_groups_count = 7;
    stats.hostname = "host \"x\"";
    stats.os_name = "Debian";
    stats.os_version = "12";
    stats.kernel_version = "6.1";
    stats.server_version = "0.8.0";
    stats.server_semver = 8000;
    stats.threads_count = 8;
    stats.total_disk_space_bytes = 2'000'000'000;
    return stats;
}

}  // namespace

TEST_CASE("stats: list mode has a line for each figure, in order", "[cli]") {
    CHECK(stats_text(some_stats(), stats_format::list) ==
          "Iggy Server PID|42\n"
          "Iggy Server CPU Usage|1.2500 %\n"
          "Total CPU Usage|50.0000 %\n"
          "Iggy Server Memory Usage|64.00 MB\n"
          "Total Memory (RAM)|1.07 GB\n"
          "Available Memory (RAM)|999 B\n"
          "Iggy Server Run Time|61\n"
          "Start Time (UTC)|2023-11-14 22:13:20\n"
          "Read Bytes|0 B\n"
          "Written Bytes|0 B\n"
          "Messages Size Bytes|1.50 KB\n"
          "Streams Count|1\n"
          "Topics Count|2\n"
          "Partitions Count|3\n"
          "Segments Count|4\n"
          "Message Count|5\n"
          "Clients Count|6\n"
          "Consumer Groups Count|7\n"
          "Threads Count|8\n"
          "Free Disk Space|0 B\n"
          "Total Disk Space|2.00 GB\n"
          "OS Name|Debian\n"
          "OS Version|12\n"
          "Kernel Version|6.1");
}

TEST_CASE("stats: the table pads to the longest property", "[cli]") {
    const auto text = stats_text(some_stats(), stats_format::table);
    CHECK_THAT(text, Catch::StartsWith("+--------------------------+"));
    CHECK_THAT(text, Catch::Contains("\n| Server property          | Value"));
    CHECK_THAT(text, Catch::Contains("\n| Streams Count            | 1"));
}

TEST_CASE("stats: JSON is valid, in order, sizes are text", "[cli]") {
    auto stats = some_stats();
    stats.caches.push_back(
        {iggy::stream_id{1}, iggy::topic_id{2}, iggy::partition_id{3}, 4, 5, 0.5F});
    const auto text = stats_text(stats, stats_format::json);
    CHECK_THAT(text, Catch::StartsWith("{\n  \"process_id\": 42,\n  \"cpu_usage\": 1.25,\n"
                                       "  \"total_cpu_usage\": 50.0,\n"
                                       "  \"memory_usage\": \"64 MB\",\n"));
    const auto json = nlohmann::json::parse(text);
    CHECK(json.size() == 28);
    CHECK(json["total_memory"] == "1 GiB");
    CHECK(json["run_time"] == 61'000'000);
    CHECK(json["hostname"] == "host \"x\"");
    CHECK(json["iggy_server_semver"] == 8000);
    CHECK(json["cache_metrics"]["1-2-3"]["hit_ratio"] == 0.5);
    CHECK(json["total_disk_space"] == "2 GB");
}

TEST_CASE("stats: JSON says null for a version number that is not there", "[cli]") {
    auto stats = some_stats();
    stats.server_semver = 0;
    const auto json = nlohmann::json::parse(stats_text(stats, stats_format::json));
    CHECK(json["iggy_server_semver"].is_null());
    CHECK(json["cache_metrics"].empty());
}

TEST_CASE("stats: TOML is flat, the cache metrics stand at its end", "[cli]") {
    const auto text = stats_text(some_stats(), stats_format::toml);
    CHECK_THAT(text, Catch::StartsWith("process_id = 42\ncpu_usage = 1.25\n"));
    CHECK_THAT(text, Catch::Contains("\nmemory_usage = \"64 MB\"\n"));
    CHECK_THAT(text, Catch::Contains("\nhostname = \"host \\\"x\\\"\"\n"));
    CHECK_THAT(text, Catch::EndsWith("total_disk_space = \"2 GB\"\n\n[cache_metrics]"));
}
