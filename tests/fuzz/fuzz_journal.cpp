// A journal file with anything in it, as it is and with ids and checksums made to fit: reading it
// ends, hands out no more than is there, and clearing it empties it.

#include <cstdint>
#include <span>
#include <vector>

#include "found_journal.hpp"

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

void replay(byte_view content, const directory_id& id) {
    const auto disk = make_memory_disk();
    disk->create_directories(journal_directory).value();
    disk->open("iggy.journal/1.journal", open_mode::create)
        .value()
        ->write_at(0, {&content, 1})
        .value();
    auto found = found_journal::read(*disk, id).value();
    std::uint64_t bytes = 0;
    const auto count = [&bytes](const journal_entry& entry) -> result<done_t> {
        bytes += entry.content.size();
        return done;
    };
    found.replay(count).value();
    if (bytes > content.size()) {
        __builtin_trap();  // more came out than was in
    }
    found.clear(page_cache::proven).value();
    if (!found_journal::read(*disk, id).value().empty()) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view input = std::as_bytes(std::span{data, size});
    const directory_id id{};
    replay(input, id);
    replay(passable_journal(input, id), id);
    return 0;
}
