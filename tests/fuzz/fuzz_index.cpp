// An index file with anything in it beside a sound, complete segment. Bytes that do not pass for an
// index change nothing: every read finds exactly its messages. Where the checksums were made to
// fit, so that it passes, a read may fail but hands out nothing that is not sound.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "fuzzed_log.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr std::uint64_t messages_count = 40;
constexpr std::size_t index_header_bytes = 64;
constexpr std::size_t index_entry_bytes = 32;

std::vector<std::byte> sound_segment() {
    constexpr std::size_t message_bytes = 1064;
    std::vector<std::byte> bytes(messages_count * message_bytes);
    for (std::uint64_t i = 0; i < messages_count; ++i) {
        const byte_span message = byte_span{bytes}.subspan(i * message_bytes, message_bytes);
        store_le(message, message_layout::offset_at, i);
        store_le(message, message_layout::timestamp_at, 1000 + i);
        store_le<std::uint32_t>(message, message_layout::payload_length_at, 1000);
    }
    repair_checksums(bytes);
    return bytes;
}

/// A header that is the segment's, and the input as entries with fitting checksums.
std::vector<std::byte> passable_index(byte_view input) {
    const auto disk = make_memory_disk();
    write_index(*disk, "index", {{fuzzed_log::uid, 0}, message_offset{0}}, {}, 0).value();
    std::vector<std::byte> bytes(index_header_bytes);
    disk->open("index", open_mode::read).value()->read_at(0, bytes).value();
    for (; input.size() >= index_entry_bytes; input = input.subspan(index_entry_bytes)) {
        bytes.insert(bytes.end(), input.begin(), input.begin() + index_entry_bytes);
        const byte_span entry = byte_span{bytes}.last(index_entry_bytes);
        store_le(entry, 24, xxh3_64(byte_view{entry}.first(24)));
    }
    return bytes;
}

std::vector<std::uint64_t> from_to(std::uint64_t from, std::uint64_t end) {
    std::vector<std::uint64_t> offsets(end - from);
    std::iota(offsets.begin(), offsets.end(), from);
    return offsets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static const std::vector<std::byte> segment = sound_segment();
    const bool passable = (data[0] & 1U) != 0;
    const auto input = std::as_bytes(std::span{data, size}).subspan(1);
    fuzzed_log on{segment};
    if (passable) {
        on.put_index(passable_index(input));
    } else {
        on.put_index(input);
    }
    on.seal({.base = message_offset{0},
             .last = message_offset{messages_count - 1},
             .messages = messages_count,
             .bytes = segment.size(),
             .first_timestamp = timestamp_from_raw(1000),
             .last_timestamp = timestamp_from_raw(1000 + messages_count - 1)});
    on.open();
    for (const std::uint64_t from : std::array<std::uint64_t, 7>{0, 1, 7, 8, 9, 25, 39}) {
        const auto end = std::min<std::uint64_t>(from + 5, messages_count);
        const auto by_offset = on.read(read_start::offset, from, 5);
        const auto by_time = on.read(read_start::timestamp, 1000 + from, 5);
        const auto last = on.read(read_start::last, 0, static_cast<std::uint32_t>(from + 1));
        if (!passable) {
            IGGY_ASSERT(by_offset == from_to(from, end), "a read by offset finds its messages");
            IGGY_ASSERT(by_time == from_to(from, end), "a read by time finds its messages");
            IGGY_ASSERT(last == from_to(messages_count - from - 1, messages_count),
                        "the last messages are found");
        }
    }
    on.close();
    return 0;
}
