#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raw_client.hpp"
#include "support/catch.hpp"

/// Requests about one topic, `placed` of the stream `orders`.
namespace iggy::test::orders {

inline void create(raw_client& client, std::uint32_t partitions) {
    client.call(protocol::create_stream{"orders"});
    protocol::create_topic topic;
    topic.stream = "orders";
    topic.name = "placed";
    topic.partitions_count = partitions;
    REQUIRE(client.call(topic).partitions.size() == partitions);
}

/// The frame of a send with `count` messages of `payload_bytes` bytes, numbered from `first` on.
inline std::vector<std::byte> send_frame(partition_id partition, std::uint64_t first,
                                         std::uint32_t count, std::size_t payload_bytes) {
    return send_frame_of("orders", "placed", protocol::partitioning::to(partition), first, count,
                         payload_bytes);
}

/// As consumer 1.
inline protocol::poll_messages poll(partition_id partition, protocol::polling_strategy strategy,
                                    std::uint32_t count) {
    protocol::poll_messages request;
    request.consumer.id = protocol::identifier::from_number(1);
    request.stream = "orders";
    request.topic = "placed";
    request.partition = partition;
    request.strategy = strategy;
    request.count = count;
    return request;
}

/// As consumer 1.
inline protocol::store_consumer_offset store(partition_id partition, message_offset offset) {
    protocol::store_consumer_offset request;
    request.consumer.id = protocol::identifier::from_number(1);
    request.stream = "orders";
    request.topic = "placed";
    request.partition = partition;
    request.offset = offset;
    return request;
}

}  // namespace iggy::test::orders
