#include <algorithm>
#include <limits>

#include <iggy/protocol/messages.hpp>
#include <iggy/protocol/wire.hpp>

namespace iggy::protocol {

namespace {

// --- decoding ---

// Takes `size` bytes off the front of `rest`; nothing when there are fewer.
std::optional<byte_view> take(byte_view& rest, std::size_t size) noexcept {
    if (rest.size() < size) {
        return std::nullopt;
    }
    const byte_view taken = rest.first(size);
    rest = rest.subspan(size);
    return taken;
}

struct tagged_bytes {
    std::uint8_t kind;
    byte_view bytes;
};

// [kind u8][length u8][bytes], the shape that identifiers and partitioning share.
std::optional<tagged_bytes> take_tagged(byte_view& rest) noexcept {
    const auto head = take(rest, 2);
    if (!head) {
        return std::nullopt;
    }
    const auto bytes = take(rest, static_cast<std::size_t>((*head)[1]));
    if (!bytes) {
        return std::nullopt;
    }
    return tagged_bytes{static_cast<std::uint8_t>((*head)[0]), *bytes};
}

std::optional<identifier_view> take_identifier(byte_view& rest) noexcept {
    const auto tagged = take_tagged(rest);
    if (!tagged) {
        return std::nullopt;
    }
    if (tagged->kind == 1 && tagged->bytes.size() == sizeof(std::uint32_t)) {
        return identifier_view{load_le<std::uint32_t>(tagged->bytes, 0)};
    }
    if (tagged->kind == 2 && !tagged->bytes.empty()) {
        return identifier_view{as_text(tagged->bytes)};
    }
    return std::nullopt;
}

std::optional<partitioning_view> take_partitioning(byte_view& rest) noexcept {
    const auto tagged = take_tagged(rest);
    if (!tagged) {
        return std::nullopt;
    }
    switch (tagged->kind) {
        case static_cast<std::uint8_t>(partitioning_kind::balanced):
            if (tagged->bytes.empty()) {
                return partitioning_view{};
            }
            return std::nullopt;
        case static_cast<std::uint8_t>(partitioning_kind::partition):
            if (tagged->bytes.size() == sizeof(std::uint32_t)) {
                const partition_id partition{load_le<std::uint32_t>(tagged->bytes, 0)};
                return partitioning_view{partitioning_kind::partition, partition, {}};
            }
            return std::nullopt;
        case static_cast<std::uint8_t>(partitioning_kind::key):
            return partitioning_view{partitioning_kind::key, {}, tagged->bytes};
        default:
            return std::nullopt;
    }
}

// Walks index and messages side by side and checks each message against its entry.
class batch_check {
public:
    batch_check(byte_view index, byte_view messages) noexcept
        : index_{index}, messages_{messages} {}

    result<done_t> run() noexcept {
        const std::size_t count = index_.size() / index_layout::entry_bytes;
        for (std::size_t i = 0; i < count; ++i) {
            const byte_view entry =
                index_.subspan(i * index_layout::entry_bytes, index_layout::entry_bytes);
            const auto checked = check(entry, i + 1 == count);
            if (!checked) {
                return checked.error();
            }
        }
        if (sum_of_sizes_ != messages_.size()) {
            return error_code::invalid_messages_size;
        }
        return done;
    }

private:
    result<done_t> check(byte_view entry, bool is_last) noexcept {
        if (load_le<std::uint32_t>(entry, index_layout::offset_at) != 0) {
            return error_code::non_zero_offset;
        }
        if (load_le<std::uint64_t>(entry, index_layout::timestamp_at) != 0) {
            return error_code::non_zero_timestamp;
        }
        const std::size_t position = load_le<std::uint32_t>(entry, index_layout::position_at);
        const std::size_t end = is_last ? messages_.size() : position;
        if (start_ > end || end > messages_.size() || end - start_ < message_layout::header_bytes) {
            return error_code::missing_index;
        }
        const auto checked = check_message(messages_.subspan(start_, end - start_));
        if (!checked) {
            return checked.error();
        }
        if (position < start_) {
            return error_code::cannot_read_index_position;
        }
        start_ = position;
        return done;
    }

    // `space` is where the message lies according to the index: 64 bytes at least.
    result<done_t> check_message(byte_view space) noexcept {
        const std::size_t payload =
            load_le<std::uint32_t>(space, message_layout::payload_length_at);
        const std::size_t user_headers =
            load_le<std::uint32_t>(space, message_layout::user_headers_length_at);
        const std::size_t size = message_layout::header_bytes + payload + user_headers;
        if (size > space.size()) {
            return error_code::missing_index;
        }
        if (payload > payload_bytes_max) {
            return error_code::too_big_message_payload;
        }
        if (user_headers > user_headers_bytes_max) {
            return error_code::too_big_user_headers;
        }
        const auto offset = load_le<std::uint64_t>(space, message_layout::offset_at);
        if (offset < offset_before_) {
            return error_code::invalid_offset;
        }
        offset_before_ = offset;
        sum_of_sizes_ += size;
        return done;
    }

    byte_view index_;
    byte_view messages_;
    std::size_t start_ = 0;  // where the next message starts: the position of the entry before
    std::size_t sum_of_sizes_ = 0;
    std::uint64_t offset_before_ = 0;
};

// --- encoding ---

std::size_t message_bytes(const outgoing_message& message) noexcept {
    return message_layout::header_bytes + message.payload.size() + message.user_headers.size();
}

result<done_t> check_sizes(std::span<const outgoing_message> messages) noexcept {
    if (messages.empty()) {
        return error_code::invalid_messages_count;
    }
    std::size_t sum = 0;
    for (const outgoing_message& message : messages) {
        if (message.payload.size() > payload_bytes_max) {
            return error_code::too_big_message_payload;
        }
        if (message.user_headers.size() > user_headers_bytes_max) {
            return error_code::too_big_user_headers;
        }
        sum += index_layout::entry_bytes + message_bytes(message);
        // Leaves ample room for the metadata, which takes about a kilobyte at most.
        if (sum > request_payload_bytes_max - 4096) {
            return error_code::invalid_messages_size;
        }
    }
    return done;
}

// Positions in a batch are u32: `check_sizes` has seen to it that they fit.
void put_index(byte_span index, std::span<const outgoing_message> messages) noexcept {
    std::size_t entry_at = 0;
    std::size_t position = 0;
    for (const outgoing_message& message : messages) {
        position += message_bytes(message);
        store_le(index, entry_at + index_layout::position_at, static_cast<std::uint32_t>(position));
        entry_at += index_layout::entry_bytes;
    }
}

void append_bytes(std::vector<std::byte>& out, byte_view bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_message(std::vector<std::byte>& out, const outgoing_message& message) {
    std::array<std::byte, message_layout::header_bytes> header{};
    store_le(header, message_layout::id_at, message.id);
    store_le(header, message_layout::origin_timestamp_at, message.origin_timestamp);
    store_le(header, message_layout::user_headers_length_at,
             static_cast<std::uint32_t>(message.user_headers.size()));
    store_le(header, message_layout::payload_length_at,
             static_cast<std::uint32_t>(message.payload.size()));
    append_bytes(out, header);
    append_bytes(out, message.payload);
    append_bytes(out, message.user_headers);
}

// metadata length, stream, topic, partitioning, count
result<done_t> append_metadata(std::vector<std::byte>& out, const send_messages& request) {
    const std::size_t at = out.size();
    out.resize(at + sizeof(std::uint32_t));
    writer wire{out};
    wire.values(request.stream, request.topic);
    if (wire.failed()) {
        return error_code::invalid_identifier;
    }
    wire.value(request.partitioning);
    if (wire.failed()) {
        return error_code::invalid_key_value_length;
    }
    wire.number(static_cast<std::uint32_t>(request.messages.size()));
    store_le(out, at, static_cast<std::uint32_t>(out.size() - at - sizeof(std::uint32_t)));
    return done;
}

}  // namespace

result<received_messages> decode_send_messages(byte_span payload) noexcept {
    byte_view rest = payload;
    const auto metadata_length = take(rest, sizeof(std::uint32_t));
    if (!metadata_length) {
        return error_code::invalid_command;
    }
    const auto taken = take(rest, load_le<std::uint32_t>(*metadata_length, 0));
    if (!taken) {
        return error_code::invalid_command;
    }
    byte_view metadata = *taken;
    const auto stream = take_identifier(metadata);
    if (!stream) {
        return error_code::invalid_identifier;
    }
    const auto topic = take_identifier(metadata);
    if (!topic) {
        return error_code::invalid_identifier;
    }
    const auto partitioning = take_partitioning(metadata);
    const auto count_bytes = take(metadata, sizeof(std::uint32_t));
    if (!partitioning || !count_bytes) {
        return error_code::invalid_command;
    }
    const auto count = load_le<std::uint32_t>(*count_bytes, 0);
    const auto index = take(rest, std::size_t{count} * index_layout::entry_bytes);
    if (!index) {
        return error_code::invalid_command;
    }
    if (count == 0) {
        return error_code::invalid_messages_count;
    }
    const auto checked = batch_check{*index, rest}.run();
    if (!checked) {
        return checked.error();
    }
    return received_messages{*stream, *topic, *partitioning, count, payload.last(rest.size())};
}

result<done_t> encode_request(const send_messages& request, std::vector<std::byte>& out) {
    const auto fits = check_sizes(request.messages);
    if (!fits) {
        return fits.error();
    }
    const std::size_t frame_at = out.size();
    out.resize(frame_at + frame_header_bytes);
    const auto metadata = append_metadata(out, request);
    if (!metadata) {
        out.resize(frame_at);
        return metadata.error();
    }
    const std::size_t index_at = out.size();
    const std::size_t index_bytes = request.messages.size() * index_layout::entry_bytes;
    std::size_t total = index_at + index_bytes;
    for (const outgoing_message& message : request.messages) {
        total += message_bytes(message);
    }
    out.reserve(total);
    out.resize(index_at + index_bytes);
    put_index(byte_span{out}.subspan(index_at), request.messages);
    for (const outgoing_message& message : request.messages) {
        append_message(out, message);
    }
    const auto payload_bytes = static_cast<std::uint32_t>(total - frame_at - frame_header_bytes);
    const auto header = encode_request_header(
        {payload_bytes, static_cast<std::uint32_t>(command_code::send_messages)});
    std::ranges::copy(header, out.begin() + static_cast<std::ptrdiff_t>(frame_at));
    return done;
}

}  // namespace iggy::protocol
