// A segment, its index and stored offsets with anything in them: a check of the directory ends,
// counts no more than is there, and after a repair of the caches finds them good and the rest as
// before.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <iggy/storage/verify.hpp>

#include "fuzzed_log.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

struct last_report final : verify_observer {
    log_report log;
    void found(const finding&) override {}
    void checked(const log_report& checked) override { log = checked; }
};

log_report check(disk& files, bool repair) {
    last_report observer;
    const auto totals = verify(files, {.repair_caches = repair, .findings_max = 10}, observer);
    IGGY_ASSERT(totals.has_value(), "whatever is wrong is a finding");
    IGGY_ASSERT(totals->logs == 1, "there is one log");
    return observer.log;
}

/// Entries get right checksums, the header is the segment's.
void put_passable_index(fuzzed_log& on, byte_view input) {
    constexpr std::size_t entry_bytes = 32;
    const index_owner owner{{fuzzed_log::uid, 0}, message_offset{0}};
    sparse_index index;
    for (; input.size() >= entry_bytes; input = input.subspan(entry_bytes)) {
        index.push({message_offset{load_le<std::uint64_t>(input, 0)},
                    load_le<std::uint32_t>(input, 16), load_le<std::uint32_t>(input, 20),
                    timestamp_from_raw(load_le<std::uint64_t>(input, 8))});
    }
    write_index(on.disk(), segment_file_path("a", message_offset{0}, index_extension), owner, index,
                0)
        .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    const unsigned mode = data[0];
    const std::uint64_t claimed = data[1];
    auto input = std::as_bytes(std::span{data, size}).subspan(4);
    const std::size_t index_bytes = std::min<std::size_t>(input.size(), data[2] * std::size_t{8});
    const byte_view index = input.first(index_bytes);
    input = input.subspan(index_bytes);
    const std::size_t offsets_bytes = std::min<std::size_t>(input.size(), data[3]);
    const byte_view offsets = input.first(offsets_bytes);
    input = input.subspan(offsets_bytes);
    std::vector<std::byte> messages{input.begin(), input.end()};
    if ((mode & 1U) != 0) {
        repair_checksums(messages);
    }
    fuzzed_log on{messages};
    if ((mode & 2U) != 0) {
        on.put_index(index);
    } else {
        put_passable_index(on, index);
    }
    put_file(on.disk(), "a/stored.offsets", offsets);
    if ((mode & 4U) != 0 && claimed > 0) {
        const std::uint64_t longer = (mode & 8U) != 0 ? 100 : 0;
        on.seal({.base = message_offset{0},
                 .last = message_offset{claimed - 1},
                 .messages = claimed,
                 .bytes = messages.size() + longer});
    }
    const log_report first = check(on.disk(), false);
    IGGY_ASSERT(first.messages * message_layout::header_bytes <= messages.size(),
                "each message has a header of its own");
    const log_report repaired = check(on.disk(), true);
    const log_report again = check(on.disk(), false);
    IGGY_ASSERT(first.messages == repaired.messages, "a check changes nothing");
    IGGY_ASSERT(repaired.caches == 0, "every index can be made anew");
    IGGY_ASSERT(first.damages > 0 || (again.caches == 0 && again.messages == first.messages),
                "where no message is concerned, a repair leaves nothing to tell");
    return 0;
}
