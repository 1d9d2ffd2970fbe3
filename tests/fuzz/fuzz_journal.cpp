// Two files of a journal with anything in them, as they are and with ids and checksums made to fit:
// reading them ends, hands out no more than is there, a check finds the same, and clearing empties
// them.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <iggy/storage/verify.hpp>

#include "found_journal.hpp"
#include "fuzzed_log.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// Gives each block that could start a group the id of the directory and a fitting checksum.
std::vector<std::byte> passable_journal(byte_view input, const directory_id& id) {
    std::vector<std::byte> bytes(input.begin(), input.end());
    for (std::size_t at = 0; at + journal_format::header_bytes <= bytes.size();
         at += journal_format::block_bytes) {
        const byte_span rest = byte_span{bytes}.subspan(at);
        auto header = journal_format::decode_header(rest);
        if (!header || header->bytes > rest.size()) {
            continue;
        }
        header->directory = id;
        journal_format::encode_header(*header, rest.first(header->bytes));
    }
    return bytes;
}

struct counted final : verify_observer {
    std::uint64_t groups = 0;
    std::uint64_t entries = 0;
    void found(const finding&) override {}
    void checked(const log_report&) override {}
    void checked_journal(const journal_report& journal) override {
        groups += journal.groups;
        entries += journal.entries;
    }
};

/// Two files, the first of which ends after `split` bytes.
void replay(byte_view content, std::size_t split, const directory_id& id) {
    const auto disk = make_memory_disk();
    put_file(*disk, stamp_name, as_bytes(stamp_text(id)));
    disk->create_directories(journal_directory).value();
    put_file(*disk, "iggy.journal/1.journal", content.first(split));
    put_file(*disk, "iggy.journal/2.journal", content.subspan(split));
    counted told;
    IGGY_ASSERT(verify(*disk, {}, told).has_value(), "whatever is wrong is a finding");

    auto found = found_journal::read(*disk, id).value();
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    const auto count = [&](const journal_entry& entry) -> result<done_t> {
        bytes += entry.content.size();
        ++entries;
        return done;
    };
    found.replay(count).value();
    IGGY_ASSERT(bytes <= content.size(), "no more comes out than was in");
    IGGY_ASSERT(told.entries == entries, "a check finds what a start applies");
    IGGY_ASSERT(told.groups > 0 || entries == 0, "entries are in groups");
    found.clear(page_cache::proven).value();
    IGGY_ASSERT(found_journal::read(*disk, id).value().empty(), "cleared is empty");
    counted cleared;
    verify(*disk, {}, cleared).value();
    IGGY_ASSERT(cleared.groups == 0, "cleared is empty for a check too");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) {
        return 0;
    }
    const byte_view input = std::as_bytes(std::span{data, size}).subspan(1);
    const std::size_t split = std::min(input.size(), data[0] * journal_format::block_bytes);
    directory_id id{};
    for (std::size_t i = 0; i < id.size(); ++i) {
        id[i] = static_cast<std::byte>(16 + i);  // as in the golden file, which is the seed
    }
    replay(input, split, id);
    replay(passable_journal(input, id), split, id);
    return 0;
}
