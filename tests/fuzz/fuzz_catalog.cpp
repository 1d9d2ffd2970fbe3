#include <cstddef>
#include <cstdint>
#include <memory>

#include <iggy/base/assert.hpp>

#include "catalog/catalog_codec.hpp"
#include "catalog/catalog_replay.hpp"

/// Any bytes as a record, as a snapshot, and as a log of records: nothing crashes, what was read
/// encodes back to the same bytes or to ones that read the same, and replay never invents a state
/// that it cannot write.
namespace {

using namespace iggy;
using namespace iggy::server;

std::shared_ptr<storage::log_counters> counters(log_uid) {
    static const auto figures = std::make_shared<storage::log_counters>();
    return figures;
}

void check_record(byte_view bytes) {
    const auto decoded = decode_record(bytes);
    if (!decoded) {
        IGGY_ASSERT(!describe(decoded.error()).empty(), "a fault has its text");
        return;
    }
    const auto again = std::visit([](const auto& record) { return encode(record); }, *decoded);
    IGGY_ASSERT(decode_record(again).has_value(), "what was read can be written and read");
}

void check_snapshot(byte_view bytes) {
    const auto decoded = decode_snapshot(1, bytes, counters);
    if (!decoded) {
        return;
    }
    const auto content = encode_snapshot(**decoded);
    const auto again = decode_snapshot(1, content, counters);
    IGGY_ASSERT(again.has_value(), "a state that was read can be written and read");
    IGGY_ASSERT(encode_snapshot(**again) == content, "equal states give equal bytes");
}

/// The input as a log: each record has its length, in a byte, before it; length 0 is a record that
/// cannot be read.
void check_replay(byte_view rest) {
    catalog_replay replay{counters, true};
    for (std::uint64_t at = 0; !rest.empty(); ++at) {
        const auto length = std::to_integer<std::size_t>(rest.front());
        rest = rest.subspan(1);
        const byte_view record = rest.first(std::min(length, rest.size()));
        rest = rest.subspan(record.size());
        if (length == 0) {
            replay.skip_unreadable(message_offset{at}, 1);
        } else if (!replay.take(message_offset{at}, record)) {
            return;
        }
    }
    static_cast<void>(encode_snapshot(*replay.state()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view input{reinterpret_cast<const std::byte*>(data), size};
    if (input.empty()) {
        return 0;
    }
    switch (std::to_integer<unsigned>(input.front()) % 3) {
        case 0:
            check_record(input.subspan(1));
            break;
        case 1:
            check_snapshot(input.subspan(1));
            break;
        default:
            check_replay(input.subspan(1));
            break;
    }
    return 0;
}
