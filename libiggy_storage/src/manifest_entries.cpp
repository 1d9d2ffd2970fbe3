#include "manifest_entries.hpp"

#include <algorithm>
#include <utility>

namespace iggy::storage {

namespace {

/// Where a segment of that base stands among the sealed ones, or would.
auto position_of(std::vector<segment_summary>& sealed, message_offset base) {
    return std::lower_bound(
        sealed.begin(), sealed.end(), base,
        [](const segment_summary& segment, message_offset value) { return segment.base < value; });
}

bool is_before(const recovery_point& a, const recovery_point& b) noexcept {
    return std::pair{a.segment.base, a.segment.bytes} < std::pair{b.segment.base, b.segment.bytes};
}

/// Whether all of a sealed segment's messages are before `next`.
bool ends_before(const segment_summary& segment, message_offset next) noexcept {
    return segment.base < next && (segment.messages == 0 || segment.last < next);
}

}  // namespace

void manifest_entries::apply(const manifest_change& change) {
    std::visit([this](const auto& one) { apply_one(one); }, change);
}

log_entry* manifest_entries::entry(log_uid uid) {
    const auto found = by_uid_.find(uid);
    return found == by_uid_.end() ? nullptr : &found->second;
}

const log_entry* manifest_entries::find(log_uid uid) const {
    const auto found = by_uid_.find(uid);
    return found == by_uid_.end() ? nullptr : &found->second;
}

const log_entry* manifest_entries::find(std::string_view path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : find(found->second);
}

bool manifest_entries::has_inside(std::string_view path) const {
    const std::string beginning = std::string{path} + '/';
    const auto found = by_path_.lower_bound(beginning);
    return found != by_path_.end() && found->first.starts_with(beginning);
}

void manifest_entries::apply_one(const manifest_record::create& change) {
    apply_one(manifest_record::uids{log_uid{change.uid.raw() + 1}});
    if (by_uid_.contains(change.uid) || !by_path_.emplace(change.path, change.uid).second) {
        return;
    }
    log_entry& added = by_uid_[change.uid];
    added.uid = change.uid;
    added.path = change.path;
}

void manifest_entries::apply_one(const manifest_record::remove& change) {
    if (const log_entry* const log = entry(change.uid)) {
        by_path_.erase(log->path);
        by_uid_.erase(change.uid);
    }
}

void manifest_entries::apply_one(const manifest_record::purge& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || change.generation <= log->generation) {
        return;
    }
    log->generation = change.generation;
    log->start = message_offset{0};
    log->sealed.clear();
    log->recovered_to.reset();
    log->truncation.reset();
}

void manifest_entries::apply_one(const manifest_record::start& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || change.start <= log->start) {
        return;
    }
    log->start = change.start;
    log->sealed.erase(log->sealed.begin(), position_of(log->sealed, change.start));
}

void manifest_entries::apply_one(const manifest_record::seal& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || change.generation != log->generation ||
        change.segment.base < log->start) {
        return;
    }
    const auto at = position_of(log->sealed, change.segment.base);
    if (at != log->sealed.end() && at->base == change.segment.base) {
        *at = change.segment;
    } else {
        log->sealed.insert(at, change.segment);
    }
}

void manifest_entries::apply_one(const manifest_record::point& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || change.generation != log->generation) {
        return;
    }
    if (!log->recovered_to || !is_before(change.to, *log->recovered_to)) {
        log->recovered_to = change.to;
    }
}

void manifest_entries::apply_one(const manifest_record::truncate& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || change.generation <= log->generation) {
        return;
    }
    log->generation = change.generation;
    log->truncation = pending_truncation{change.next};
    // A segment that the cut goes through has to be scanned, so it is not sealed any more either.
    std::erase_if(log->sealed, [&](const segment_summary& segment) {
        return !ends_before(segment, change.next);
    });
    if (log->recovered_to && log->recovered_to->next > change.next) {
        log->recovered_to.reset();
    }
}

void manifest_entries::apply_one(const manifest_record::truncated& change) {
    log_entry* const log = entry(change.uid);
    if (log == nullptr || !log->truncation) {
        return;
    }
    log->truncation.reset();
    log->recovered_to = change.to;
}

void manifest_entries::apply_one(const manifest_record::uids& change) {
    next_uid_ = std::max(next_uid_, change.next);
}

std::vector<manifest_change> manifest_entries::changes() const {
    std::vector<manifest_change> all;
    all.emplace_back(manifest_record::uids{next_uid_});
    for (const auto& [uid, log] : by_uid_) {
        all.emplace_back(manifest_record::create{uid, log.path});
        // Both raise the generation, so a purge to one before it comes first.
        const std::uint32_t purged = log.generation - (log.truncation ? 1 : 0);
        if (purged != 0) {
            all.emplace_back(manifest_record::purge{uid, purged});
        }
        if (log.truncation) {
            all.emplace_back(manifest_record::truncate{uid, log.generation, log.truncation->next});
        }
        if (log.start.raw() != 0) {
            all.emplace_back(manifest_record::start{uid, log.start});
        }
        for (const segment_summary& segment : log.sealed) {
            all.emplace_back(manifest_record::seal{uid, log.generation, segment});
        }
        if (log.recovered_to) {
            all.emplace_back(manifest_record::point{uid, log.generation, *log.recovered_to});
        }
    }
    return all;
}

}  // namespace iggy::storage
