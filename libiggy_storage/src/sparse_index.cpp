#include "sparse_index.hpp"

#include <algorithm>
#include <array>

#include <iggy/base/checksum.hpp>

namespace iggy::storage {

namespace {

constexpr std::size_t header_bytes = 64;
constexpr std::size_t entry_bytes = 32;
constexpr std::size_t block_entries = 2048;
constexpr std::uint32_t index_version = 1;
constexpr std::string_view index_magic = "IGGYSIDX";

void encode_header(const index_owner& owner, byte_span into) {
    std::memcpy(into.data(), index_magic.data(), index_magic.size());
    store_le<std::uint32_t>(into, 8, index_version);
    store_le<std::uint32_t>(into, 12, owner.log.generation);
    store_le<std::uint64_t>(into, 16, owner.log.uid.raw());
    store_le<std::uint64_t>(into, 24, owner.base.raw());
    store_le<std::uint64_t>(into, 56, xxh3_64(byte_view{into}.first(56)));
}

std::optional<index_owner> decode_header(byte_view bytes) {
    if (bytes.size() < header_bytes) {
        return std::nullopt;
    }
    const index_owner owner{
        {log_uid{load_le<std::uint64_t>(bytes, 16)}, load_le<std::uint32_t>(bytes, 12)},
        message_offset{load_le<std::uint64_t>(bytes, 24)}};
    std::array<std::byte, header_bytes> expected{};
    encode_header(owner, expected);
    return std::ranges::equal(bytes.first(header_bytes), expected) ? std::optional{owner}
                                                                   : std::nullopt;
}

void encode_entry(const index_entry& entry, byte_span into) {
    store_le<std::uint64_t>(into, 0, entry.offset.raw());
    store_le<std::uint64_t>(into, 8, to_raw(entry.newest_before));
    store_le<std::uint32_t>(into, 16, entry.position);
    store_le<std::uint32_t>(into, 20, entry.messages_before);
    store_le<std::uint64_t>(into, 24, xxh3_64(byte_view{into}.first(24)));
}

index_entry decode_entry(byte_view bytes) {
    return {message_offset{load_le<std::uint64_t>(bytes, 0)}, load_le<std::uint32_t>(bytes, 16),
            load_le<std::uint32_t>(bytes, 20),
            timestamp_from_raw(load_le<std::uint64_t>(bytes, 8))};
}

bool follows(const index_entry& entry, const index_entry* previous) {
    if (previous == nullptr) {
        return entry.position == 0 && entry.messages_before == 0;
    }
    return entry.position > previous->position &&
           entry.messages_before > previous->messages_before && entry.offset > previous->offset &&
           entry.newest_before >= previous->newest_before;
}

/// The entry in `record`, when it is sound behind those of `index`.
std::optional<index_entry> sound_entry(byte_view record, const sparse_index& index,
                                       std::uint64_t segment_bytes) {
    const index_entry entry = decode_entry(record);
    const index_entry* previous = index.entries().empty() ? nullptr : &index.entries().back();
    if (load_le<std::uint64_t>(record, 24) != xxh3_64(record.first(24)) ||
        entry.position > segment_bytes || !follows(entry, previous)) {
        return std::nullopt;
    }
    return entry;
}

}  // namespace

index_entry sparse_index::before_offset(message_offset wanted) const noexcept {
    const auto after = std::ranges::upper_bound(entries_, wanted, {}, &index_entry::offset);
    return after == entries_.begin() ? index_entry{} : *std::prev(after);
}

index_entry sparse_index::before_ordinal(std::uint64_t ordinal) const noexcept {
    const auto after =
        std::ranges::upper_bound(entries_, ordinal, {}, &index_entry::messages_before);
    return after == entries_.begin() ? index_entry{} : *std::prev(after);
}

index_entry sparse_index::before_timestamp(timestamp wanted) const noexcept {
    const auto after = std::ranges::lower_bound(entries_, wanted, {}, &index_entry::newest_before);
    return after == entries_.begin() ? index_entry{} : *std::prev(after);
}

const index_entry* sparse_index::first_after(std::uint32_t position) const noexcept {
    const auto found = std::ranges::upper_bound(entries_, position, {}, &index_entry::position);
    return found == entries_.end() ? nullptr : &*found;
}

const index_entry* sparse_index::first_at_or_past(std::uint64_t ordinal,
                                                  std::uint32_t position) const noexcept {
    const auto found =
        std::ranges::lower_bound(entries_, ordinal, {}, &index_entry::messages_before);
    if (found != entries_.end() && found->position > position) {
        return &*found;
    }
    return found == entries_.end() ? nullptr : first_after(position);
}

void sparse_index::cut(std::uint32_t position) noexcept {
    const auto first = std::ranges::lower_bound(entries_, position, {}, &index_entry::position);
    entries_.erase(first, entries_.end());
}

result<done_t> write_index(disk& disk, const std::string& path, const index_owner& owner,
                           const sparse_index& index, std::size_t from) {
    auto opened = disk.open(path, open_mode::create);
    if (!opened) {
        return opened.error();
    }
    const auto entries = index.entries().subspan(from);
    const std::size_t prefix = from == 0 ? header_bytes : 0;
    std::vector<std::byte> block(prefix + entries.size() * entry_bytes);
    if (from == 0) {
        encode_header(owner, block);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        encode_entry(entries[i], byte_span{block}.subspan(prefix + i * entry_bytes, entry_bytes));
    }
    const std::uint64_t position = from == 0 ? 0 : header_bytes + from * entry_bytes;
    const byte_view part{block};
    if (const auto written = (*opened)->write_at(position, {&part, 1}); !written) {
        return written.error();
    }
    return (*opened)->resize(position + block.size());
}

result<index_reading> inspect_index(disk& disk, const std::string& path, const index_owner& owner,
                                    std::uint64_t segment_bytes) {
    index_reading reading;
    auto opened = disk.open(path, open_mode::read);
    if (!opened) {
        if (opened.error().code == errc::not_found) {
            return reading;
        }
        return opened.error();
    }
    reading.present = true;
    const auto size = (*opened)->size();
    if (!size) {
        return size.error();
    }
    reading.file_bytes = *size;
    std::array<std::byte, header_bytes> header{};
    const auto begun = (*opened)->read_at(0, header);
    if (!begun) {
        return begun.error();
    }
    reading.owner = decode_header(byte_view{header}.first(*begun));
    if (reading.owner != owner) {
        return reading;
    }
    // Block after block, so that a file of rubbish costs one block of memory.
    reading.sound_bytes = header_bytes;
    std::vector<std::byte> block(block_entries * entry_bytes);
    for (;;) {
        const auto got = (*opened)->read_at(reading.sound_bytes, block);
        if (!got) {
            return got.error();
        }
        const std::size_t whole = *got - *got % entry_bytes;
        for (std::size_t at = 0; at < whole; at += entry_bytes) {
            const auto entry = sound_entry(byte_view{block}.subspan(at, entry_bytes), reading.index,
                                           segment_bytes);
            if (!entry) {
                return reading;
            }
            reading.index.push(*entry);
            reading.sound_bytes += entry_bytes;
        }
        if (whole < block.size()) {
            return reading;
        }
    }
}

result<sparse_index> read_index(disk& disk, const std::string& path, const index_owner& owner,
                                std::uint64_t segment_bytes) {
    auto reading = inspect_index(disk, path, owner, segment_bytes);
    if (!reading) {
        return reading.error();
    }
    return std::move(reading->index);
}

}  // namespace iggy::storage
