#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "log_files.hpp"

namespace iggy::storage {

/// A message boundary in a segment. Offsets may have gaps, so counts and positions are kept, never
/// computed.
struct index_entry {
    message_offset
        offset;  ///< of the message that starts here; one past the last for the closing entry
    std::uint32_t position = 0;         ///< bytes from the start of the segment
    std::uint32_t messages_before = 0;  ///< in this segment
    timestamp newest_before{};          ///< greatest timestamp of the messages before, or the epoch
    friend bool operator==(const index_entry&, const index_entry&) = default;
};

/// Entries about every `interval` bytes, ascending in every field. A cache: made anew from the
/// segment whenever it is missing or disagrees. See docs/formats/index.md.
class sparse_index {
public:
    /// Entry with the greatest offset not above `wanted`; the segment's start when there is none.
    index_entry before_offset(message_offset wanted) const noexcept;
    /// Entry with the most messages before it, not more than `ordinal`.
    index_entry before_ordinal(std::uint64_t ordinal) const noexcept;
    /// Last entry such that every message before it is older than `wanted`.
    index_entry before_timestamp(timestamp wanted) const noexcept;
    /// First entry after `position` with at least `ordinal` messages before it; nothing when the
    /// segment ends first.
    const index_entry* first_at_or_past(std::uint64_t ordinal,
                                        std::uint32_t position) const noexcept;
    /// First entry past `position`.
    const index_entry* first_after(std::uint32_t position) const noexcept;

    void push(const index_entry& entry) { entries_.push_back(entry); }
    /// Forgets entries at or past `position`.
    void cut(std::uint32_t position) noexcept;
    std::span<const index_entry> entries() const noexcept { return entries_; }
    std::uint64_t memory_bytes() const noexcept {
        return entries_.capacity() * sizeof(index_entry);
    }

private:
    std::vector<index_entry> entries_;
};

/// Whose index a file is; kept in its header.
struct index_owner {
    log_identity log;
    message_offset base;
    friend bool operator==(const index_owner&, const index_owner&) = default;
};

/// Writes entries[from..] to the index file, header first when `from` is 0; what stood past them is
/// cut off. Errors: io, no_space.
result<done_t> write_index(disk& disk, const std::string& path, const index_owner& owner,
                           const sparse_index& index, std::size_t from);

/// What an index file holds.
struct index_reading {
    bool present = false;
    std::optional<index_owner> owner;  ///< nothing when the header is damaged or cut short
    sparse_index index;                ///< the entries at the front that are sound
    std::uint64_t sound_bytes = 0;     ///< header and those entries
    std::uint64_t file_bytes = 0;
};
/// Reads the file as the index of `owner`: entries are looked at only when the header is exactly
/// its. Errors: io.
result<index_reading> inspect_index(disk& disk, const std::string& path, const index_owner& owner,
                                    std::uint64_t segment_bytes);

/// The entries at the front of the file that are sound and lie within `segment_bytes`; none when
/// the file is missing or another segment's. Errors: io.
result<sparse_index> read_index(disk& disk, const std::string& path, const index_owner& owner,
                                std::uint64_t segment_bytes);

}  // namespace iggy::storage
