#pragma once

#include <cstdint>
#include <optional>

#include <iggy/base/ids.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/primitives.hpp>

/// Commands about stored consumer offsets, and their answers.
namespace iggy::protocol {

struct consumer_offset_info {
    partition_id partition{};
    message_offset current_offset{};
    message_offset stored_offset{};

    friend bool operator==(const consumer_offset_info&, const consumer_offset_info&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.partition, self.current_offset, self.stored_offset);
    }
};

/// Nothing when no offset is stored, or the place does not exist.
struct get_consumer_offset {
    static constexpr auto code = command_code::get_consumer_offset;
    using response_type = std::optional<consumer_offset_info>;

    iggy::protocol::consumer consumer{};
    identifier stream{};
    identifier topic{};
    std::optional<partition_id> partition{};

    friend bool operator==(const get_consumer_offset&, const get_consumer_offset&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.consumer, self.stream, self.topic);
        wire.always_sized(self.partition);
    }
};

struct store_consumer_offset {
    static constexpr auto code = command_code::store_consumer_offset;
    using response_type = empty_response;

    iggy::protocol::consumer consumer{};
    identifier stream{};
    identifier topic{};
    std::optional<partition_id> partition{};
    message_offset offset{};

    friend bool operator==(const store_consumer_offset&, const store_consumer_offset&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.consumer, self.stream, self.topic);
        wire.always_sized(self.partition);
        wire.value(self.offset);
    }
};

struct delete_consumer_offset {
    static constexpr auto code = command_code::delete_consumer_offset;
    using response_type = empty_response;

    iggy::protocol::consumer consumer{};
    identifier stream{};
    identifier topic{};
    std::optional<partition_id> partition{};

    friend bool operator==(const delete_consumer_offset&, const delete_consumer_offset&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.consumer, self.stream, self.topic);
        wire.always_sized(self.partition);
    }
};

}  // namespace iggy::protocol
