// A segment file with anything in it, found by a recovery or known as complete: opening, reading
// and appending neither crash nor hand out a message whose checksum fails.

#include <cstdint>
#include <vector>

#include "fuzzed_log.hpp"

using namespace iggy;
using namespace iggy::storage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const unsigned mode = data[0];
    const std::uint64_t claimed = data[1];
    const auto input = std::as_bytes(std::span{data, size}).subspan(2);
    std::vector<std::byte> bytes{input.begin(), input.end()};
    if ((mode & 1U) != 0) {
        repair_checksums(bytes);
    }
    fuzzed_log on{bytes};
    if ((mode & 2U) != 0 && claimed > 0) {
        on.seal({.base = message_offset{0},
                 .last = message_offset{claimed - 1},
                 .messages = claimed,
                 .bytes = bytes.size()});
    }
    on.open();
    constexpr std::uint32_t many = 1'000'000;
    (void)on.read(read_start::first, 0, many);
    (void)on.read(read_start::last, 0, 3);
    (void)on.read(read_start::timestamp, claimed, many);
    for (std::uint64_t from = 0; from <= claimed; from += 1 + claimed / 8) {
        (void)on.read(read_start::offset, from, 2);
    }

    std::vector<std::byte> message(message_layout::header_bytes + 1);
    store_le<std::uint32_t>(message, message_layout::payload_length_at, 1);
    fuzzed_log::awaited<append_operation> op;
    op.messages = message;
    const message_offset next = on.log().committed_next();
    if (on.wait(op, on.log().append(op))) {
        IGGY_ASSERT(op.first == next, "an append gets the offset that was announced");
        const std::vector<std::uint64_t> seen = on.read(read_start::offset, next.raw(), 10);
        IGGY_ASSERT(seen == std::vector{next.raw()}, "what was appended is read");
    }
    on.close();
    return 0;
}
