#include "stats_text.hpp"

#include <variant>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

#include "table.hpp"
#include "text.hpp"

namespace iggy::cli {
namespace {

table stats_table(const protocol::stats& s) {
    constexpr std::uint64_t micros_per_second = 1'000'000;
    table rows{{"Server property", "Value"}};
    const auto number = [&](const char* name, std::uint64_t value) {
        rows.add({name, std::to_string(value)});
    };
    const auto size = [&](const char* name, std::uint64_t bytes) {
        rows.add({name, format_byte_size(bytes)});
    };
    number("Iggy Server PID", s.process_id);
    rows.add({"Iggy Server CPU Usage", fmt::format("{:.4f} %", s.cpu_usage)});
    rows.add({"Total CPU Usage", fmt::format("{:.4f} %", s.total_cpu_usage)});
    size("Iggy Server Memory Usage", s.memory_usage_bytes);
    size("Total Memory (RAM)", s.total_memory_bytes);
    size("Available Memory (RAM)", s.available_memory_bytes);
    number("Iggy Server Run Time", s.run_time_micros / micros_per_second);
    rows.add({"Start Time (UTC)", utc_time(s.start_time)});
    size("Read Bytes", s.read_bytes);
    size("Written Bytes", s.written_bytes);
    size("Messages Size Bytes", s.messages_size_bytes);
    number("Streams Count", s.streams_count);
    number("Topics Count", s.topics_count);
    number("Partitions Count", s.partitions_count);
    number("Segments Count", s.segments_count);
    number("Message Count", s.messages_count);
    number("Clients Count", s.clients_count);
    number("Consumer Groups Count", s.consumer_groups_count);
    number("Threads Count", s.threads_count);
    size("Free Disk Space", s.free_disk_space_bytes);
    size("Total Disk Space", s.total_disk_space_bytes);
    rows.add({"OS Name", s.os_name});
    rows.add({"OS Version", s.os_version});
    rows.add({"Kernel Version", s.kernel_version});
    return rows;
}

/// A string in quotes, valid in JSON and in TOML alike.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            result += c;
        }
    }
    return result + "\"";
}

/// With a decimal point, the fewest digits that name this number: valid in JSON and in TOML.
std::string decimal_fraction(float value) {
    auto text = fmt::format("{}", value);
    if (text.find_first_not_of("-0123456789") == std::string::npos) {
        text += ".0";
    }
    return text;
}

struct field {
    const char* name;
    std::string value;
};

struct fields {
    std::vector<field> before_caches;
    std::vector<field> after_caches;
};

/// Names and values of the data formats, in their order; the cache metrics stand between.
fields data_fields(const protocol::stats& s) {
    const auto number = [](std::uint64_t value) { return std::to_string(value); };
    const auto size = [](std::uint64_t bytes) { return quoted(format_byte_size_exactly(bytes)); };
    return {{{"process_id", number(s.process_id)},
             {"cpu_usage", decimal_fraction(s.cpu_usage)},
             {"total_cpu_usage", decimal_fraction(s.total_cpu_usage)},
             {"memory_usage", size(s.memory_usage_bytes)},
             {"total_memory", size(s.total_memory_bytes)},
             {"available_memory", size(s.available_memory_bytes)},
             {"run_time", number(s.run_time_micros)},
             {"start_time", number(to_raw(s.start_time))},
             {"read_bytes", size(s.read_bytes)},
             {"written_bytes", size(s.written_bytes)},
             {"messages_size_bytes", size(s.messages_size_bytes)},
             {"streams_count", number(s.streams_count)},
             {"topics_count", number(s.topics_count)},
             {"partitions_count", number(s.partitions_count)},
             {"segments_count", number(s.segments_count)},
             {"messages_count", number(s.messages_count)},
             {"clients_count", number(s.clients_count)},
             {"consumer_groups_count", number(s.consumer_groups_count)},
             {"hostname", quoted(s.hostname)},
             {"os_name", quoted(s.os_name)},
             {"os_version", quoted(s.os_version)},
             {"kernel_version", quoted(s.kernel_version)},
             {"iggy_server_version", quoted(s.server_version)},
             {"iggy_server_semver", s.server_semver == 0 ? "" : number(s.server_semver)}},
            {{"threads_count", number(s.threads_count)},
             {"free_disk_space", size(s.free_disk_space_bytes)},
             {"total_disk_space", size(s.total_disk_space_bytes)}}};
}

std::string cache_key(const protocol::cache_metrics& cache) {
    return fmt::format("{}-{}-{}", cache.stream.raw(), cache.topic.raw(), cache.partition.raw());
}

std::string json_caches(const std::vector<protocol::cache_metrics>& caches) {
    std::string result;
    for (const auto& cache : caches) {
        result += fmt::format(
            "{}\n    \"{}\": {{\n      \"hits\": {},\n      \"misses\": {},\n      "
            "\"hit_ratio\": {}\n    }}",
            result.empty() ? "" : ",", cache_key(cache), cache.hits, cache.misses,
            decimal_fraction(cache.hit_ratio));
    }
    return result.empty() ? "{}" : "{" + result + "\n  }";
}

std::string json(const protocol::stats& stats) {
    const auto all = data_fields(stats);
    std::string result = "{";
    for (const auto& [name, value] : all.before_caches) {
        result += fmt::format("\n  \"{}\": {},", name, value.empty() ? "null" : value);
    }
    result += "\n  \"cache_metrics\": " + json_caches(stats.caches);
    for (const auto& [name, value] : all.after_caches) {
        result += fmt::format(",\n  \"{}\": {}", name, value);
    }
    return result + "\n}";
}

std::string toml(const protocol::stats& stats) {
    const auto all = data_fields(stats);
    std::string result;
    const auto write = [&](const std::vector<field>& some) {
        for (const auto& [name, value] : some) {
            if (!value.empty()) {  // TOML has no null: what is not there is left out
                result += fmt::format("{} = {}\n", name, value);
            }
        }
    };
    write(all.before_caches);
    write(all.after_caches);
    result += "\n[cache_metrics]";
    for (const auto& cache : stats.caches) {
        result += fmt::format("\n\n[cache_metrics.{}]\nhits = {}\nmisses = {}\nhit_ratio = {}",
                              cache_key(cache), cache.hits, cache.misses,
                              decimal_fraction(cache.hit_ratio));
    }
    return result;
}

}  // namespace

std::string stats_text(const protocol::stats& stats, stats_format format) {
    switch (format) {
        case stats_format::table:
            return stats_table(stats).framed();
        case stats_format::list:
            return stats_table(stats).list();
        case stats_format::json:
            return json(stats);
        case stats_format::toml:
            return toml(stats);
    }
    return {};
}

}  // namespace iggy::cli
