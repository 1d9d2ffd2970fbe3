#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/primitives.hpp>

/// Commands about topics, partitions and segments, and their answers.
namespace iggy::protocol {

/// A topic, as lists show it. Expiry stands before compression here, and after it in requests.
struct topic_info {
    topic_id id{};
    timestamp created_at{};
    std::uint32_t partitions_count = 0;
    message_expiry expiry{};
    compression_algorithm compression = compression_algorithm::none;
    max_topic_size max_size{};
    std::uint8_t replication_factor = 1;
    std::uint64_t size_bytes = 0;
    std::uint64_t messages_count = 0;
    std::string name{};

    friend bool operator==(const topic_info&, const topic_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.partitions_count, self.expiry, self.compression,
                    self.max_size, self.replication_factor, self.size_bytes, self.messages_count);
        wire.name(self.name);
    }
};

struct partition_info {
    partition_id id{};
    timestamp created_at{};
    std::uint32_t segments_count = 0;
    message_offset current_offset{};
    std::uint64_t size_bytes = 0;
    std::uint64_t messages_count = 0;

    friend bool operator==(const partition_info&, const partition_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.segments_count, self.current_offset,
                    self.size_bytes, self.messages_count);
    }
};

/// A topic and its partitions, ascending by id. `info.partitions_count` is the size of
/// `partitions`.
struct topic_details {
    topic_info info{};
    std::vector<partition_info> partitions{};

    friend bool operator==(const topic_details&, const topic_details&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.info);
        wire.exactly(self.info.partitions_count, self.partitions);
    }
};

struct get_topic {
    static constexpr auto code = command_code::get_topic;
    using response_type = std::optional<topic_details>;

    identifier stream{};
    identifier topic{};

    friend bool operator==(const get_topic&, const get_topic&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic);
    }
};

/// All topics of a stream, ascending by id; none when there is no such stream.
struct get_topics {
    static constexpr auto code = command_code::get_topics;
    using response_type = std::vector<topic_info>;

    identifier stream{};

    friend bool operator==(const get_topics&, const get_topics&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.stream);
    }
};

struct create_topic {
    static constexpr auto code = command_code::create_topic;
    using response_type = topic_details;

    identifier stream{};
    std::uint32_t partitions_count = 1;  ///< 0 to 1000
    compression_algorithm compression = compression_algorithm::none;
    message_expiry expiry = message_expiry::server_default();
    max_topic_size max_size = max_topic_size::server_default();
    std::uint8_t replication_factor = 1;  ///< 0 counts as 1
    std::string name{};

    friend bool operator==(const create_topic&, const create_topic&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.partitions_count, self.compression, self.expiry,
                    self.max_size, self.replication_factor);
        wire.name(self.name);
    }
};

struct delete_topic {
    static constexpr auto code = command_code::delete_topic;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};

    friend bool operator==(const delete_topic&, const delete_topic&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic);
    }
};

/// Replaces all settings of a topic.
struct update_topic {
    static constexpr auto code = command_code::update_topic;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    compression_algorithm compression = compression_algorithm::none;
    message_expiry expiry = message_expiry::server_default();
    max_topic_size max_size = max_topic_size::server_default();
    std::uint8_t replication_factor = 1;  ///< 0 counts as 1
    std::string name{};

    friend bool operator==(const update_topic&, const update_topic&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.compression, self.expiry, self.max_size,
                    self.replication_factor);
        wire.name(self.name);
    }
};

/// Removes all messages of a topic.
struct purge_topic {
    static constexpr auto code = command_code::purge_topic;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};

    friend bool operator==(const purge_topic&, const purge_topic&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic);
    }
};

/// Largest number of partitions that one create_topic or create_partitions may ask for.
inline constexpr std::uint32_t partitions_per_request_max = 1000;

/// Adds partitions at the end.
struct create_partitions {
    static constexpr auto code = command_code::create_partitions;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    std::uint32_t count = 1;  ///< 1 to 1000

    friend bool operator==(const create_partitions&, const create_partitions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.count);
    }
};

/// Removes the partitions with the highest ids.
struct delete_partitions {
    static constexpr auto code = command_code::delete_partitions;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    std::uint32_t count = 1;

    friend bool operator==(const delete_partitions&, const delete_partitions&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.count);
    }
};

/// Removes up to `count` of the oldest sealed segments that every consumer has read.
struct delete_segments {
    static constexpr auto code = command_code::delete_segments;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    partition_id partition{};
    std::uint32_t count = 1;

    friend bool operator==(const delete_segments&, const delete_segments&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.partition, self.count);
    }
};

}  // namespace iggy::protocol
