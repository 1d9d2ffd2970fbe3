#include "service/lookup.hpp"

namespace iggy::server {

using protocol::error_code;

protocol::result<found_stream> find_stream(const call& made, protocol::identifier_view stream) {
    found_stream found{made.state(), nullptr};
    found.stream = found.state->find(stream);
    if (found.stream == nullptr) {
        return error_code::stream_id_not_found;
    }
    if (!made.is_allowed(*found.state, found.stream->id)) {
        return error_code::unauthorized;
    }
    return found;
}

protocol::result<found_topic> find_topic(const call& made, protocol::identifier_view stream,
                                         protocol::identifier_view topic) {
    found_topic found{made.state(), nullptr, nullptr};
    found.stream = found.state->find(stream);
    if (found.stream == nullptr) {
        return error_code::stream_id_not_found;
    }
    found.topic = found.stream->find(topic);
    if (found.topic == nullptr) {
        return error_code::topic_id_not_found;
    }
    if (!made.is_allowed(*found.state, found.stream->id, found.topic->id)) {
        return error_code::unauthorized;
    }
    return found;
}

protocol::stream_info info_of(const stream_entry& stream) {
    const log_figures figures = figures_of(stream);
    protocol::stream_info info;
    info.id = stream.id;
    info.created_at = stream.created_at;
    info.topics_count = static_cast<std::uint32_t>(stream.topics.size());
    info.size_bytes = figures.bytes;
    info.messages_count = figures.messages;
    info.name = stream.name;
    return info;
}

protocol::topic_info info_of(const topic_entry& topic) {
    const log_figures figures = figures_of(topic);
    protocol::topic_info info;
    info.id = topic.id;
    info.created_at = topic.created_at;
    info.partitions_count = static_cast<std::uint32_t>(topic.partitions.size());
    info.expiry = topic.expiry;
    info.compression = topic.compression;
    info.max_size = topic.max_size;
    info.replication_factor = topic.replication_factor;
    info.size_bytes = figures.bytes;
    info.messages_count = figures.messages;
    info.name = topic.name;
    return info;
}

protocol::topic_details details_of(const topic_entry& topic) {
    protocol::topic_details details{info_of(topic), {}};
    std::uint32_t number = 0;
    for (const auto& partition : topic.partitions) {
        const storage::log_counters& counters = *partition.counters;
        const std::uint64_t next = counters.committed_next.load(std::memory_order_relaxed);
        protocol::partition_info shown;
        shown.id = partition_id{number++};
        shown.created_at = partition.created_at;
        shown.segments_count =
            static_cast<std::uint32_t>(counters.segments.load(std::memory_order_relaxed));
        shown.current_offset = message_offset{next == 0 ? 0 : next - 1};
        shown.size_bytes = counters.bytes.load(std::memory_order_relaxed);
        shown.messages_count = counters.messages.load(std::memory_order_relaxed);
        details.partitions.push_back(shown);
    }
    return details;
}

void count_places(const catalog_state& state, protocol::stats& stats) {
    for (const auto& stream : state.streams) {
        const log_figures figures = figures_of(stream);
        stats.messages_size_bytes += figures.bytes;
        stats.messages_count += figures.messages;
        stats.segments_count += static_cast<std::uint32_t>(figures.segments);
        stats.streams_count += 1;
        stats.topics_count += static_cast<std::uint32_t>(stream.topics.size());
        for (const auto& topic : stream.topics) {
            stats.partitions_count += static_cast<std::uint32_t>(topic.partitions.size());
        }
    }
}

}  // namespace iggy::server
