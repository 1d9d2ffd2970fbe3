#include "catalog/catalog_state.hpp"

namespace iggy::server {

namespace {

void add(std::vector<log_uid>& all, const topic_entry& topic) {
    for (const partition_entry& partition : topic.partitions) {
        all.push_back(partition.log);
    }
}

void add(std::vector<log_uid>& all, const stream_entry& stream) {
    for (const topic_entry& topic : stream.topics) {
        add(all, topic);
    }
}

}  // namespace

std::vector<log_uid> logs_of(const topic_entry& topic) {
    std::vector<log_uid> all;
    add(all, topic);
    return all;
}

std::vector<log_uid> logs_of(const stream_entry& stream) {
    std::vector<log_uid> all;
    add(all, stream);
    return all;
}

std::vector<log_uid> logs_of(const catalog_state& state) {
    std::vector<log_uid> all;
    for (const stream_entry& stream : state.streams) {
        add(all, stream);
    }
    return all;
}

log_figures figures_of(const topic_entry& topic) noexcept {
    log_figures sum;
    for (const partition_entry& partition : topic.partitions) {
        sum.messages += partition.counters->messages.load(std::memory_order_relaxed);
        sum.bytes += partition.counters->bytes.load(std::memory_order_relaxed);
        sum.segments += partition.counters->segments.load(std::memory_order_relaxed);
    }
    return sum;
}

log_figures figures_of(const stream_entry& stream) noexcept {
    log_figures sum;
    for (const topic_entry& topic : stream.topics) {
        const log_figures one = figures_of(topic);
        sum.messages += one.messages;
        sum.bytes += one.bytes;
        sum.segments += one.segments;
    }
    return sum;
}

}  // namespace iggy::server
