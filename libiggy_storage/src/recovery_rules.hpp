#pragma once

#include <algorithm>
#include <optional>

#include "manifest.hpp"

/// What the manifest says of a log before any of its files is looked at.
namespace iggy::storage {

/// Whether anything of the log is on stable storage for sure.
inline bool was_synced(const log_entry& entry) {
    return entry.start.raw() > 0 || !entry.sealed.empty() ||
           (entry.recovered_to && *entry.recovered_to != recovery_point{});
}

/// What comes next behind the segments that the manifest knows to be complete, where it says so.
inline std::optional<message_offset> end_of_known(const log_entry& entry) {
    if (!entry.sealed.empty()) {
        const segment_summary& last = entry.sealed.back();
        return last.messages > 0 ? last.last.next() : last.base;
    }
    const auto& point = entry.recovered_to;
    if (point && (point->segment.messages == 0 || point->segment.base < entry.start)) {
        return std::max(point->next, entry.start);
    }
    return std::nullopt;
}

/// Whether a gap before a segment can only be of messages that were lost: where offsets were
/// skipped there is a recovery point behind the gap.
inline bool tells_of_loss(const log_entry& entry, message_offset base) {
    if (entry.recovered_to) {
        return base > entry.recovered_to->next;
    }
    // Without a point the manifest was lost once, or a truncation took the point with it.
    return !entry.sealed.empty() && !entry.truncation;
}

}  // namespace iggy::storage
