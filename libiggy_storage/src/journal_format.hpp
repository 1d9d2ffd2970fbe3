#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>

#include "format_stamp.hpp"
#include "log_files.hpp"

// The bytes of the journal. See docs/formats/journal.md.
namespace iggy::storage {

/// One thing that was made durable by being written here; applying it again changes nothing.
struct journal_entry {
    enum class kind : std::uint32_t {
        messages = 1,       ///< `content` stands at `position` of the segment
        store_offset = 2,   ///< the log's `key` points at `at`
        delete_offset = 3,  ///< the log has no `key`
    };
    kind what = kind::messages;
    log_identity log;
    message_offset segment;      ///< messages: base of the segment
    std::uint32_t position = 0;  ///< messages: in the segment, bytes
    byte_view content;           ///< messages: back to back, whole
    std::uint64_t key = 0;       ///< offsets
    message_offset at;           ///< offsets
};

namespace journal_format {

inline constexpr std::size_t block_bytes = 4096;  ///< groups start and end on multiples of it
inline constexpr std::size_t header_bytes = 64;
inline constexpr std::size_t entry_header_bytes = 40;
inline constexpr std::size_t group_bytes_max = std::size_t{1} << 20;  ///< padding included

struct group_header {
    directory_id directory{};
    std::uint64_t session = 0;   ///< random, another one after each start
    std::uint64_t sequence = 0;  ///< of the group in the session; no gaps
    std::uint32_t bytes = 0;     ///< header and entries, without padding
    std::uint32_t entries = 0;
    friend bool operator==(const group_header&, const group_header&) = default;
};

constexpr std::size_t padded(std::size_t bytes) noexcept {
    return (bytes + block_bytes - 1) / block_bytes * block_bytes;
}
constexpr std::size_t entry_bytes(const journal_entry& entry) noexcept {
    return entry_header_bytes + entry.content.size();
}

/// Writes one entry to the front of `into`, which has room for it.
void encode_entry(const journal_entry& entry, byte_span into) noexcept;
/// Completes a group: fills in the header and its checksum. `group` is `header.bytes` long, its
/// entries are in place.
void encode_header(const group_header& header, byte_span group) noexcept;

/// What a group at the front of `bytes` says of itself; nothing when there is none. Its `bytes` is
/// within bounds, and may be more than are given. The checksum is still to be compared.
std::optional<group_header> decode_header(byte_view bytes) noexcept;
bool checksum_matches(byte_view group) noexcept;

/// Takes the entries of a group off one by one.
class entry_reader {
public:
    /// `group`: a whole one, header included, whose checksum matched.
    explicit entry_reader(byte_view group) noexcept : rest_{group.subspan(header_bytes)} {}
    /// Nothing at the end, or where the rest is no entry.
    std::optional<journal_entry> next() noexcept;

private:
    byte_view rest_;
};

}  // namespace journal_format
}  // namespace iggy::storage
