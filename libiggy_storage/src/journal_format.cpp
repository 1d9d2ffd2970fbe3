#include "journal_format.hpp"

#include <algorithm>

#include <iggy/base/checksum.hpp>

namespace iggy::storage::journal_format {

namespace {

constexpr std::uint32_t group_magic = 0x9d6a'6767;  // also names version 1
constexpr std::size_t checksum_at = 0;
constexpr std::size_t magic_at = 8;
constexpr std::size_t bytes_at = 12;
constexpr std::size_t directory_at = 16;
constexpr std::size_t session_at = 32;
constexpr std::size_t sequence_at = 40;
constexpr std::size_t entries_at = 48;

constexpr std::size_t content_bytes_at = 0;
constexpr std::size_t kind_at = 4;
constexpr std::size_t uid_at = 8;
constexpr std::size_t generation_at = 16;
constexpr std::size_t position_at = 20;
constexpr std::size_t first_at = 24;   // base of the segment, or key
constexpr std::size_t second_at = 32;  // 0, or offset

bool is_messages(const journal_entry& entry) noexcept {
    return entry.what == journal_entry::kind::messages;
}

}  // namespace

void encode_entry(const journal_entry& entry, byte_span into) noexcept {
    store_le(into, content_bytes_at, static_cast<std::uint32_t>(entry.content.size()));
    store_le(into, kind_at, static_cast<std::uint32_t>(entry.what));
    store_le<std::uint64_t>(into, uid_at, entry.log.uid.raw());
    store_le<std::uint32_t>(into, generation_at, entry.log.generation);
    store_le<std::uint32_t>(into, position_at, entry.position);
    store_le<std::uint64_t>(into, first_at, is_messages(entry) ? entry.segment.raw() : entry.key);
    store_le<std::uint64_t>(into, second_at, entry.at.raw());
    std::ranges::copy(entry.content, into.begin() + entry_header_bytes);
}

void encode_header(const group_header& header, byte_span group) noexcept {
    std::ranges::fill(group.first(header_bytes), std::byte{0});
    store_le<std::uint32_t>(group, magic_at, group_magic);
    store_le<std::uint32_t>(group, bytes_at, header.bytes);
    std::ranges::copy(header.directory, group.begin() + directory_at);
    store_le<std::uint64_t>(group, session_at, header.session);
    store_le<std::uint64_t>(group, sequence_at, header.sequence);
    store_le<std::uint32_t>(group, entries_at, header.entries);
    store_le<std::uint64_t>(group, checksum_at, xxh3_64(group.subspan(magic_at)));
}

std::optional<group_header> decode_header(byte_view bytes) noexcept {
    if (bytes.size() < header_bytes || load_le<std::uint32_t>(bytes, magic_at) != group_magic) {
        return std::nullopt;
    }
    group_header header{.session = load_le<std::uint64_t>(bytes, session_at),
                        .sequence = load_le<std::uint64_t>(bytes, sequence_at),
                        .bytes = load_le<std::uint32_t>(bytes, bytes_at),
                        .entries = load_le<std::uint32_t>(bytes, entries_at)};
    std::ranges::copy(bytes.subspan(directory_at, header.directory.size()),
                      header.directory.begin());
    const bool sound = header.bytes >= header_bytes && header.bytes <= group_bytes_max;
    return sound ? std::optional{header} : std::nullopt;
}

bool checksum_matches(byte_view group) noexcept {
    return load_le<std::uint64_t>(group, checksum_at) == xxh3_64(group.subspan(magic_at));
}

std::optional<journal_entry> entry_reader::next() noexcept {
    if (rest_.size() < entry_header_bytes) {
        return std::nullopt;
    }
    const std::size_t content = load_le<std::uint32_t>(rest_, content_bytes_at);
    const std::uint32_t what = load_le<std::uint32_t>(rest_, kind_at);
    if (content > rest_.size() - entry_header_bytes || what < 1 || what > 3) {
        return std::nullopt;
    }
    journal_entry entry;
    entry.what = static_cast<journal_entry::kind>(what);
    entry.log = {log_uid{load_le<std::uint64_t>(rest_, uid_at)},
                 load_le<std::uint32_t>(rest_, generation_at)};
    if (is_messages(entry)) {
        entry.segment = message_offset{load_le<std::uint64_t>(rest_, first_at)};
        entry.position = load_le<std::uint32_t>(rest_, position_at);
        entry.content = rest_.subspan(entry_header_bytes, content);
    } else {
        entry.key = load_le<std::uint64_t>(rest_, first_at);
        entry.at = message_offset{load_le<std::uint64_t>(rest_, second_at)};
    }
    rest_ = rest_.subspan(entry_header_bytes + content);
    return entry;
}

}  // namespace iggy::storage::journal_format
