#include "test_message.hpp"

#include <algorithm>

#include <iggy/base/checksum.hpp>

#include "seeded_random.hpp"

using namespace iggy;

namespace {

void fill(byte_span payload, const test_message& message) {
    store_le<std::uint64_t>(payload, 0, message.log);
    store_le<std::uint64_t>(payload, 8, message.number);
    store_le<std::uint64_t>(payload, 16, message.payload_bytes);
    seeded_random pattern{message.log * 1'000'003 + message.number};
    for (std::size_t at = test_message::least_bytes; at < payload.size(); at += 8) {
        const std::uint64_t word = pattern.next();
        std::memcpy(payload.data() + at, &word, std::min<std::size_t>(8, payload.size() - at));
    }
}

}  // namespace

void append_message(std::vector<std::byte>& batch, const test_message& message) {
    const std::size_t at = batch.size();
    batch.resize(at + message_layout::header_bytes + message.payload_bytes);
    const byte_span bytes = byte_span{batch}.subspan(at);
    store_le<std::uint64_t>(bytes, message_layout::id_at, message.log);
    store_le<std::uint64_t>(bytes, message_layout::id_at + 8, message.number);
    store_le<std::uint32_t>(bytes, message_layout::payload_length_at, message.payload_bytes);
    fill(bytes.subspan(message_layout::header_bytes), message);
}

void stamp_message(byte_span message, std::uint64_t offset, std::uint64_t timestamp) {
    store_le<std::uint64_t>(message, message_layout::offset_at, offset);
    store_le<std::uint64_t>(message, message_layout::timestamp_at, timestamp);
    store_le(message, message_layout::checksum_at, xxh3_64(message.subspan(message_layout::id_at)));
}

std::optional<test_message> read_message(const message_view& message) {
    const byte_view payload = message.payload();
    if (payload.size() < test_message::least_bytes || !message.checksum_matches()) {
        return std::nullopt;
    }
    test_message found;
    found.log = load_le<std::uint64_t>(payload, 0);
    found.number = load_le<std::uint64_t>(payload, 8);
    found.payload_bytes = static_cast<std::uint32_t>(payload.size());
    std::vector<std::byte> expected(payload.size());
    fill(expected, found);
    return std::ranges::equal(expected, payload) ? std::optional{found} : std::nullopt;
}
