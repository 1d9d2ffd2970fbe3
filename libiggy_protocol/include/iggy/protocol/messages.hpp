#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/message.hpp>
#include <iggy/protocol/command_code.hpp>
#include <iggy/protocol/frame.hpp>
#include <iggy/protocol/primitives.hpp>

/// Sending, polling and flushing messages. How one message is laid out: iggy/base/message.hpp.
namespace iggy::protocol {

/// One entry of the index block of a send:
///
///     0 offset u32 (0) · 4 position u32, the end of the message · 8 timestamp u64 (0)
namespace index_layout {
inline constexpr std::size_t offset_at = 0;
inline constexpr std::size_t position_at = 4;
inline constexpr std::size_t timestamp_at = 8;
inline constexpr std::size_t entry_bytes = 16;
}  // namespace index_layout

/// Partitioning as it stands in a received send; `key` borrows from its payload.
struct partitioning_view {
    partitioning_kind kind = partitioning_kind::balanced;
    partition_id partition{};  ///< for kind partition
    byte_view key{};           ///< for kind key
};

/// A received send, checked, borrowing from its payload. Names may be any bytes, UTF-8 or not:
/// those that are not match nothing.
struct received_messages {
    identifier_view stream;
    identifier_view topic;
    iggy::protocol::partitioning_view partitioning{};
    std::uint32_t count = 0;  ///< at least 1
    byte_span messages{};     ///< `count` messages back to back, to be stamped in place
};

/// Decodes the payload of a send:
///
///     metadata length u32 · stream · topic · partitioning · messages count u32 · (skipped) ·
///     16 bytes of index for each message · messages back to back
///
/// Nothing is copied or allocated; `payload` must outlive what is returned. Errors, in the order
/// of the checks: invalid_command (metadata longer than the payload), invalid_identifier,
/// invalid_command (partitioning, count or index do not fit), invalid_messages_count (none), then
/// message by message non_zero_offset, non_zero_timestamp, missing_index, too_big_message_payload,
/// too_big_user_headers, invalid_offset, cannot_read_index_position, and at last
/// invalid_messages_size. Source: Iggy 0.8, core/common/src/types/message/messages_batch_mut.rs.
result<received_messages> decode_send_messages(byte_span payload) noexcept;

/// One message to send; borrows payload and user headers.
struct outgoing_message {
    message_id id{};  ///< all zero: the server chooses
    byte_view payload{};
    byte_view user_headers{};            ///< as `encode_user_headers` makes them
    std::uint64_t origin_timestamp = 0;  ///< the producer's clock, microseconds since the epoch
};

/// A send as a producer makes it. It is encoded in one pass that copies each payload once.
struct send_messages {
    static constexpr auto code = command_code::send_messages;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    iggy::protocol::partitioning partitioning{};
    std::span<const outgoing_message> messages{};
};

/// Appends the whole frame to `out`, which is left as it was on an error. Errors:
/// invalid_messages_count (none), too_big_message_payload, too_big_user_headers,
/// invalid_identifier, invalid_key_value_length, invalid_messages_size (more than a frame holds).
result<done_t> encode_request(const send_messages& request, std::vector<std::byte>& out);

/// What came before the messages of a poll.
struct polled_head {
    static constexpr std::size_t bytes = 16;

    partition_id partition{};
    message_offset current_offset{};  ///< last one written; 0 also when there was none
    std::uint32_t count = 0;

    friend bool operator==(const polled_head&, const polled_head&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.partition, self.current_offset, self.count);
    }
};

/// The answer to a poll. Decoded, it borrows the messages from the payload; exactly `head.count`
/// of them are there, each within bounds. Checksums are not looked at.
struct polled_messages {
    polled_head head{};
    byte_view bytes{};

    message_range messages() const noexcept { return message_range{bytes}; }

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.value(self.head);
        wire.rest(self.bytes);
        wire.require(holds_exactly(self.bytes, self.head.count));
    }

private:
    static bool holds_exactly(byte_view bytes, std::uint32_t count) noexcept;
};

/// What a server sends before the messages of a poll: frame header and head. The messages follow
/// from wherever they lie.
using polled_frame_head = std::array<std::byte, frame_header_bytes + polled_head::bytes>;

/// `messages_bytes` is what `head.count` messages take; with the head it must fit into a frame.
polled_frame_head encode_polled_head(const polled_head& head,
                                     std::uint32_t messages_bytes) noexcept;

/// Asks for up to `count` messages.
struct poll_messages {
    static constexpr auto code = command_code::poll_messages;
    using response_type = polled_messages;

    iggy::protocol::consumer consumer{};
    identifier stream{};
    identifier topic{};
    std::optional<partition_id> partition{};
    polling_strategy strategy{};
    std::uint32_t count = 0;
    bool auto_commit = false;

    friend bool operator==(const poll_messages&, const poll_messages&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.consumer, self.stream, self.topic);
        wire.always_sized(self.partition);
        wire.values(self.strategy, self.count, self.auto_commit);
    }
};

/// Writes what a partition still holds in memory, and syncs it when `fsync` is set.
struct flush_unsaved_buffer {
    static constexpr auto code = command_code::flush_unsaved_buffer;
    using response_type = empty_response;

    identifier stream{};
    identifier topic{};
    partition_id partition{};
    bool fsync = false;

    friend bool operator==(const flush_unsaved_buffer&, const flush_unsaved_buffer&) = default;

    template <class Wire, class Self>
    static void layout(Wire& wire, Self& self) {
        wire.values(self.stream, self.topic, self.partition, self.fsync);
    }
};

}  // namespace iggy::protocol
