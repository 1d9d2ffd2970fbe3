#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/primitives.hpp>
#include <iggy/protocol/topics.hpp>

/// Commands about streams, and their answers.
namespace iggy::protocol {

/// A stream, as lists show it.
struct stream_info {
    stream_id id{};
    timestamp created_at{};
    std::uint32_t topics_count = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t messages_count = 0;
    std::string name{};

    friend bool operator==(const stream_info&, const stream_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.id, self.created_at, self.topics_count, self.size_bytes,
                    self.messages_count);
        wire.name(self.name);
    }
};

/// A stream and its topics, ascending by id. `info.topics_count` is the size of `topics`.
struct stream_details {
    stream_info info{};
    std::vector<topic_info> topics{};

    friend bool operator==(const stream_details&, const stream_details&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.info);
        wire.exactly(self.info.topics_count, self.topics);
    }
};

struct get_stream {
    static constexpr auto code = command_code::get_stream;
    using response_type = std::optional<stream_details>;

    identifier stream{};

    friend bool operator==(const get_stream&, const get_stream&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.stream);
    }
};

/// All streams, ascending by id.
struct get_streams {
    static constexpr auto code = command_code::get_streams;
    using response_type = std::vector<stream_info>;

    friend bool operator==(const get_streams&, const get_streams&) = default;

    template <class Wire, class Self>
    static void layout(Wire&, Self&) {}
};

struct create_stream {
    static constexpr auto code = command_code::create_stream;
    using response_type = stream_info;

    std::string name{};

    friend bool operator==(const create_stream&, const create_stream&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.name(self.name);
    }
};

struct delete_stream {
    static constexpr auto code = command_code::delete_stream;
    using response_type = empty_response;

    identifier stream{};

    friend bool operator==(const delete_stream&, const delete_stream&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.stream);
    }
};

/// Renames a stream.
struct update_stream {
    static constexpr auto code = command_code::update_stream;
    using response_type = empty_response;

    identifier stream{};
    std::string name{};

    friend bool operator==(const update_stream&, const update_stream&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.stream);
        wire.name(self.name);
    }
};

/// Removes all messages of a stream.
struct purge_stream {
    static constexpr auto code = command_code::purge_stream;
    using response_type = empty_response;

    identifier stream{};

    friend bool operator==(const purge_stream&, const purge_stream&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.stream);
    }
};

}  // namespace iggy::protocol
