#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>

#include "catalog/catalog_codec.hpp"
#include "catalog/catalog_state.hpp"

namespace iggy::server {

/// Parts of a snapshot as they come. Not inside the class: clang refuses its defaults there.
struct collected_snapshot {
    std::uint64_t sequence = 0;
    std::uint32_t next_index = 0;
    std::vector<std::byte> content;
};

/// Rebuilds the catalog from the records of its log, read once from the oldest to the newest. What
/// cannot be read is survived when nothing but a snapshot was lost, or when a later snapshot makes
/// up for it: the records' sequence numbers tell.
class catalog_replay {
public:
    /// `from_the_first`: the log still begins with its very first record.
    catalog_replay(counters_source counters, bool from_the_first);

    /// The next record. A record that is not one counts as unreadable. Errors: unsupported_version,
    /// unknown_kind (written by a newer server: nothing may be concluded from the log).
    expected<done_t, record_fault> take(message_offset at, byte_view record);
    /// The next `records` records, from `at` on, cannot be read.
    void skip_unreadable(message_offset at, std::uint64_t records);

    /// Whether `state()` is the newest state that was ever acknowledged.
    bool complete() const noexcept { return !lost_at_ && !unproven_from_; }
    /// Where the first record is that is missing when not complete.
    message_offset first_missing() const noexcept;
    /// Whether something could not be read; a new snapshot then makes the catalog whole again.
    bool damaged() const noexcept { return damaged_; }

    const std::shared_ptr<const catalog_state>& state() const noexcept { return state_; }
    std::uint64_t commands_since_snapshot() const noexcept { return commands_since_snapshot_; }
    /// Where the newest snapshot that could be read begins.
    std::optional<message_offset> snapshot_at() const noexcept { return snapshot_at_; }

private:
    void take(message_offset at, const numbered_command& record);
    void take(message_offset at, const snapshot_begin& record);
    void take(message_offset at, const snapshot_part& record);
    void expect_nothing_lost(message_offset at, std::uint64_t commands_before);
    void install_collected();

    counters_source counters_;
    std::shared_ptr<const catalog_state> state_ = std::make_shared<const catalog_state>();
    std::uint64_t newest_sequence_ = 0;            // of any record that was read
    std::optional<message_offset> lost_at_;        // a command is missing before here
    std::optional<message_offset> unproven_from_;  // commands may be missing from here on
    bool damaged_ = false;
    std::optional<collected_snapshot> collected_;
    message_offset collected_from_;
    std::uint64_t parts_to_come_ = 0;  // records that can only be parts of a snapshot
    std::uint64_t commands_since_snapshot_ = 0;
    std::optional<message_offset> snapshot_at_;
};

}  // namespace iggy::server
