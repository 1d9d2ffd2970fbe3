#include "config/cpu_allocation.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace iggy::server {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

text_error not_a_number(std::string_view text) {
    return {"\"" + std::string{text} + "\" is not a number"};
}

/// The part of `rest` before `separator`; `rest` keeps what follows it.
std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t at = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return part;
}

text_result<done_t> read_numa_setting(cpu_allocation& numa, std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
        return text_error{"\"" + std::string{setting} + "\" has no '='"};
    }
    const std::string_view key = setting.substr(0, equals);
    std::string_view value = setting.substr(equals + 1);
    if (key == "nodes") {
        while (!value.empty()) {
            const std::string_view item = take_until(value, ',');
            const auto node = parse_number(item);
            if (!node) {
                return not_a_number(item);
            }
            numa.numa_nodes.push_back(*node);
        }
        return done;
    }
    if (key == "cores") {
        const auto cores = parse_number(value);
        if (!cores) {
            return not_a_number(value);
        }
        numa.numa_cores = *cores;
        return done;
    }
    if (key == "no_ht") {
        if (value != "true" && value != "false") {
            return text_error{"no_ht is \"true\" or \"false\""};
        }
        numa.numa_no_ht = value == "true";
        return done;
    }
    return text_error{"unknown NUMA setting \"" + std::string{key} +
                      "\" (known: nodes, cores, no_ht)"};
}

text_result<cpu_allocation> parse_numa(std::string_view settings) {
    cpu_allocation numa{.kind = cpu_allocation::form::numa};
    if (settings == "auto") {
        return numa;
    }
    do {
        const auto read = read_numa_setting(numa, take_until(settings, ';'));
        if (!read) {
            return read.error();
        }
    } while (!settings.empty());
    return numa;
}

text_result<std::vector<std::uint32_t>> numa_cpus(const cpu_allocation& allocation,
                                                  const host_facts& host) {
    const auto& candidates = allocation.numa_no_ht ? host.first_cpus : host.cpus;
    if (allocation.numa_cores == 0) {
        return candidates;
    }
    const std::size_t nodes = std::max<std::size_t>(allocation.numa_nodes.size(), 1);
    const std::size_t wanted = nodes * allocation.numa_cores;
    if (wanted > candidates.size()) {
        return text_error{"Invalid sharding configuration: cpu_allocation asks for " +
                          std::to_string(wanted) + " CPU cores and " +
                          std::to_string(candidates.size()) + " are available"};
    }
    return std::vector(candidates.begin(),
                       candidates.begin() + static_cast<std::ptrdiff_t>(wanted));
}

text_result<std::vector<std::uint32_t>> counted_cpus(std::uint32_t count, const host_facts& host) {
    if (count == 0) {
        return text_error{"Invalid sharding configuration: cpu_allocation count cannot be 0"};
    }
    if (count > host.cpus.size()) {
        return text_error{"Invalid sharding configuration: cpu_allocation count " +
                          std::to_string(count) + " exceeds available CPU cores " +
                          std::to_string(host.cpus.size())};
    }
    return std::vector(host.cpus.begin(), host.cpus.begin() + count);
}

text_result<std::vector<std::uint32_t>> ranged_cpus(const cpu_allocation& range,
                                                    const host_facts& host) {
    const std::string start = "Invalid sharding configuration: cpu_allocation range " +
                              std::to_string(range.first) + ".." + std::to_string(range.end);
    if (range.first >= range.end) {
        return text_error{start + " is invalid (start must be less than end)"};
    }
    if (range.end > host.cpus.size()) {
        return text_error{
            start + " exceeds available CPU cores (max: " + std::to_string(host.cpus.size()) + ")"};
    }
    return std::vector(host.cpus.begin() + range.first, host.cpus.begin() + range.end);
}

}  // namespace

text_result<cpu_allocation> parse_cpu_allocation(std::string_view text) {
    constexpr std::string_view numa = "numa:";
    if (text == "all") {
        return cpu_allocation{};
    }
    if (text.starts_with(numa)) {
        return parse_numa(text.substr(numa.size()));
    }
    if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
        const auto first = parse_number(text.substr(0, dots));
        const auto end = parse_number(text.substr(dots + 2));
        if (!first || !end) {
            return text_error{"the ends of the range are not both numbers"};
        }
        return cpu_allocation{.kind = cpu_allocation::form::range, .first = *first, .end = *end};
    }
    const auto count = parse_number(text);
    if (!count) {
        return not_a_number(text);
    }
    return cpu_allocation{.kind = cpu_allocation::form::count, .count = *count};
}

std::string format_cpu_allocation(const cpu_allocation& allocation) {
    switch (allocation.kind) {
        case cpu_allocation::form::all:
            return "all";
        case cpu_allocation::form::count:
            return std::to_string(allocation.count);
        case cpu_allocation::form::range:
            return std::to_string(allocation.first) + ".." + std::to_string(allocation.end);
        case cpu_allocation::form::numa:
            break;
    }
    if (allocation == cpu_allocation{.kind = cpu_allocation::form::numa}) {
        return "numa:auto";
    }
    std::string text = "numa:";
    for (const std::uint32_t node : allocation.numa_nodes) {
        text += text.back() == ':' ? "nodes=" : ",";
        text += std::to_string(node);
    }
    text += allocation.numa_nodes.empty() ? "" : ";";
    text += "cores=" + std::to_string(allocation.numa_cores);
    return text + ";no_ht=" + (allocation.numa_no_ht ? "true" : "false");
}

text_result<std::vector<std::uint32_t>> shard_cpus(const cpu_allocation& allocation,
                                                   const host_facts& host) {
    switch (allocation.kind) {
        case cpu_allocation::form::all:
            return host.cpus;
        case cpu_allocation::form::count:
            return counted_cpus(allocation.count, host);
        case cpu_allocation::form::range:
            return ranged_cpus(allocation, host);
        case cpu_allocation::form::numa:
            break;
    }
    return numa_cpus(allocation, host);
}

}  // namespace iggy::server
