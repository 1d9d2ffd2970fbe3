// Opening a log: what the manifest knows is believed, what lies past the recovery point is scanned.

#include <algorithm>

#include "journal_replay.hpp"
#include "log_state.hpp"
#include "recovery_rules.hpp"
#include "segment_scanner.hpp"

namespace iggy::storage {

namespace {

/// Reads a segment from `from` on and notes entries; stops at the first message that does not hold.
/// `at` summarises what lies before `from` and grows with every sound message.
result<done_t> scan(file& source, std::uint64_t end, std::uint32_t interval, segment_summary& at,
                    sparse_index& index) {
    segment_scanner scanner{source, at.bytes, end};
    std::uint64_t indexed = index.entries().empty() ? 0 : index.entries().back().position;
    for (;;) {
        const auto found = scanner.next();
        if (!found) {
            return found.error();
        }
        if (!*found || !(*found)->checksum_matches()) {
            return done;
        }
        const message_view& message = **found;
        const bool follows =
            at.messages == 0 ? message.offset() >= at.base : message.offset() > at.last;
        if (!follows || message.offset().raw() == message_offset::raw_end ||
            message.timestamp() < at.last_timestamp) {
            return done;
        }
        if (index.entries().empty() || at.bytes >= indexed + interval) {
            index.push({message.offset(), static_cast<std::uint32_t>(at.bytes),
                        static_cast<std::uint32_t>(at.messages), at.last_timestamp});
            indexed = at.bytes;
        }
        if (at.messages == 0) {
            at.first_timestamp = message.timestamp();
        }
        at.last = message.offset();
        at.last_timestamp = message.timestamp();
        at.messages += 1;
        at.bytes = scanner.position();
    }
}

}  // namespace

result<done_t> engine_log::state::recover(const log_entry& entry) {
    identity = {entry.uid, entry.generation};
    next = entry.recovered_to ? entry.recovered_to->next : message_offset{};
    next = std::max(next, entry.start);
    if (!entry.sealed.empty()) {
        next = std::max(next, entry.sealed.back().last.next());
    }
    durable_next = next;
    const auto claimed = claim_directory(shared, entry);
    if (!claimed) {
        return claimed.error();
    }
    directory_ready = *claimed;
    if (const auto listed = find_segments(entry); !listed) {
        return listed;
    }
    for (std::uint64_t position = 0; const auto& at : segments) {
        at->log_position = position;
        position += at->summary.bytes;
        stamped_position = position;
    }
    if (level == durability::synced) {
        if (const auto synced = sync_found(entry); !synced) {
            return synced;
        }
    }
    written_position = synced_position = stamped_position;
    for (const auto& at : segments) {
        if (!at->sealed && at->synced_bytes < at->written.bytes) {
            // Scanned, so it is in the page cache; whether it is on the disk nobody knows.
            synced_position = std::min(synced_position, at->log_position + at->synced_bytes);
        }
        next = std::max(next, at->base());  // one that lost its messages still tells what was given
        if (at->summary.messages > 0) {
            next = std::max(next, at->summary.last.next());
            newest = std::max(newest, at->summary.last_timestamp);
        }
    }
    shared.unsynced_bytes.fetch_add(written_position - synced_position, std::memory_order_relaxed);
    committed_position = stamped_position;
    committed_next = next;
    if (shared.session->may_have_lost_offsets(level)) {
        next = std::max(next, message_offset{durable_next.raw() + reserved_offsets});
    }
    floor = next;
    if (const auto loaded = offsets.load(identity, shared.found); !loaded) {
        return loaded;
    }
    if (entry.truncation) {
        if (directory_ready) {
            if (const auto owned = write_identity(*shared.files, path, identity); !owned) {
                return owned;
            }
        }
        // Before the manifest says that it is done: a later start may go on far past them. Synced
        // in any case: a killed process may have lowered them and not come to that.
        if (const auto lowered = offsets.lower(entry.truncation->next); !lowered) {
            return lowered.error();
        }
        if (const auto synced = sync_offsets_file(); !synced) {
            return synced;
        }
        if (const auto cut = finish_truncation(entry.truncation->next); !cut) {
            return cut;
        }
    }
    count_messages();
    note_segments();
    counters->committed_next.store(committed_next.raw(), std::memory_order_relaxed);
    return lower_offsets(next);
}

/// A killed process leaves messages that were never synced. Readers see them from now on, so a
/// power cut must not take them back.
result<done_t> engine_log::state::sync_found(const log_entry& entry) {
    if (!directory_ready) {
        return done;
    }
    const auto synced = sync_segments();
    if (!synced) {
        return synced.error();
    }
    // One that was cut is synced already; only a recovery point in it says that its name is.
    const auto is_named = [&entry](const std::shared_ptr<segment>& at) {
        return at->sealed || at->missing || at->written.messages == 0 ||
               (entry.recovered_to && entry.recovered_to->segment.base == at->base() &&
                entry.recovered_to->segment.messages > 0);
    };
    if (!*synced && std::ranges::all_of(segments, is_named)) {
        return done;
    }
    if (const auto named = sync_log_directory(*shared.files, path); !named) {
        return named;
    }
    names_synced = names_made;
    return done;
}

/// True when one had to be.
result<bool> engine_log::state::sync_segments() {
    bool any = false;
    for (const auto& at : segments) {
        if (at->sealed || at->missing || at->synced_bytes >= at->written.bytes) {
            continue;
        }
        auto opened = at->messages.get(open_mode::read_write);
        if (!opened) {
            return located(opened.error(), *at);
        }
        if (const auto synced = (*opened)->sync(); !synced) {
            return located(synced.error(), *at);
        }
        at->synced_bytes = at->written.bytes;
        any = true;
    }
    return any;
}

/// Those at or past `end` are lowered to it, in the file too: else they would come back once the
/// log has grown past them.
result<done_t> engine_log::state::lower_offsets(message_offset end) {
    const auto lowered = offsets.lower(end);
    if (!lowered) {
        return lowered.error();
    }
    const bool sync = *lowered || level == durability::synced;
    return sync ? sync_offsets_file() : result<done_t>{done};
}

result<done_t> engine_log::state::sync_offsets_file() {
    const auto file = offsets.opened();
    if (!file || *file == nullptr) {
        return file ? result<done_t>{done} : file.error();
    }
    if (!directory_ready) {
        if (const auto owned = write_identity(*shared.files, path, identity); !owned) {
            return owned;
        }
        directory_ready = true;
    }
    if (const auto synced = (*file)->sync(); !synced) {
        return synced;
    }
    return sync_log_directory(*shared.files, path);
}

/// Builds the list of segments from the manifest and the directory.
result<done_t> engine_log::state::find_segments(const log_entry& entry) {
    std::vector<directory_entry> files;
    if (auto listed = shared.files->list(path)) {
        files = std::move(*listed);
    } else if (listed.error().code != errc::not_found) {
        return listed.error();
    }
    std::vector<std::pair<message_offset, std::uint64_t>> present;
    for (const directory_entry& at : files) {
        if (const auto base = parse_segment_name(at.name, messages_extension);
            base && !at.is_directory) {
            present.emplace_back(*base, at.size);
        } else if (at.name == next_segment_file_name && !at.is_directory) {
            // It may hold messages of a segment whose name was lost with the power.
            if (const auto gone = shared.files->remove(path + '/' + at.name); !gone) {
                return gone;
            }
        }
    }
    std::ranges::sort(present);
    if (!present.empty() && !directory_ready) {
        if (const auto owned = write_identity(*shared.files, path, identity); !owned) {
            return owned;
        }
        directory_ready = true;
    }
    for (const segment_summary& summary : entry.sealed) {
        auto at = std::make_shared<segment>(*segment_files, path, summary.base);
        at->summary = at->written = summary;
        at->synced_bytes = summary.bytes;
        at->full = at->sealed = true;
        at->index_loaded = false;
        const auto file =
            std::ranges::find(present, summary.base, [](const auto& pair) { return pair.first; });
        at->missing = file == present.end();
        if (!at->missing) {
            present.erase(file);
        }
        segments.push_back(std::move(at));
    }
    bool torn = false;
    auto follows = end_of_known(entry);
    bool removed = false;
    for (const auto& [base, size] : present) {
        const bool before_start = base < entry.start;
        const bool is_last = entry.sealed.empty() || base > entry.sealed.back().base;
        torn = torn || (!before_start && is_last && follows && *follows != base &&
                        tells_of_loss(entry, base));
        if (before_start || torn) {
            removed = true;
            // Removed already and not gone yet, or behind a gap: commit is a prefix of the log.
            for (const std::string_view extension : {messages_extension, index_extension}) {
                if (const auto gone =
                        shared.files->remove(segment_file_path(path, base, extension));
                    !gone) {
                    return gone;
                }
            }
            continue;
        }
        auto at = std::make_shared<segment>(*segment_files, path, base);
        // Older than a sealed one: its own seal was lost with a part of the manifest, and its end
        // is damage, not a tail.
        at->full = !entry.sealed.empty() && base < entry.sealed.back().base;
        const auto whole = scan_open_segment(*at, size, entry.recovered_to);
        if (!whole) {
            return located(whole.error(), *at);
        }
        torn = !*whole && !at->full;
        if (is_last) {
            follows = at->summary.messages > 0 ? at->summary.last.next() : base;
        }
        segments.push_back(std::move(at));
    }
    if (removed) {
        // Or they come back behind the messages that are written in their place.
        if (const auto synced = shared.files->sync_directory(path); !synced) {
            return synced;
        }
    }
    const auto& point = entry.recovered_to;
    if (point && point->segment.messages > 0 && point->next > entry.start &&
        std::ranges::none_of(segments,
                             [&](const auto& at) { return at->base() == point->segment.base; })) {
        auto lost = std::make_shared<segment>(*segment_files, path, point->segment.base);
        lost->summary = lost->written = point->segment;
        lost->synced_bytes = point->segment.bytes;
        lost->full = lost->missing = true;
        segments.push_back(std::move(lost));
    }
    std::ranges::sort(segments, {}, [](const auto& at) { return at->base(); });
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        segments[i]->full = true;
    }
    return done;
}

/// Scans what lies past the recovery point and cuts the file after its last sound message. False
/// when something was cut.
result<bool> engine_log::state::scan_open_segment(segment& found, std::uint64_t size,
                                                  const std::optional<recovery_point>& point) {
    auto opened = found.messages.get(open_mode::read_write);
    if (!opened) {
        return opened.error();
    }
    file& source = **opened;
    const std::uint32_t interval = shared.options.index_interval_bytes;
    segment_summary at{.base = found.base()};
    const bool has_point = point && point->segment.base == found.base();
    auto index = read_index(*shared.files, segment_file_path(path, found.base(), index_extension),
                            {identity, found.base()}, has_point ? point->segment.bytes : 0);
    if (!index) {
        return index.error();
    }
    if (has_point) {
        at = point->segment;
        const std::uint64_t known = index->entries().empty() ? 0 : index->entries().back().position;
        if (known + std::uint64_t{interval} * 64 < at.bytes || index->entries().empty()) {
            // The index lags, or is lost: read again what it leaves out. Damage there is for the
            // reader to report.
            segment_summary again{.base = found.base()};
            if (!index->entries().empty()) {
                const index_entry& last = index->entries().back();
                again.bytes = last.position;
                again.messages = last.messages_before;
                again.last_timestamp = last.newest_before;
                again.last = message_offset{last.offset.raw() - (last.messages_before > 0 ? 1 : 0)};
            }
            if (const auto scanned =
                    scan(source, std::min(at.bytes, size), interval, again, *index);
                !scanned) {
                return scanned.error();
            }
        }
    } else {
        index->cut(0);
    }
    found.synced_bytes = at.bytes;
    if (at.bytes > size) {
        // The file lost what was on the disk: damage, not a torn tail. What is left is served,
        // appends go elsewhere.
        found.full = true;
    } else if (const auto scanned = scan(source, size, interval, at, *index); !scanned) {
        return scanned.error();
    }
    if (shared.found == page_cache::unproven && at.bytes > found.synced_bytes) {
        if (const auto rewritten = write_again(source, found.synced_bytes, at.bytes); !rewritten) {
            return rewritten.error();
        }
    }
    const bool whole = at.bytes >= size;
    if (!whole && !found.full) {
        if (const auto cut = source.resize(at.bytes); !cut) {
            return cut.error();
        }
        // Or what was cut off comes back behind the messages that are written in its place.
        if (const auto synced = source.sync(); !synced) {
            return synced.error();
        }
        found.synced_bytes = at.bytes;
    } else if (!found.full) {
        // Frees what a use that was killed had reserved past its end.
        (void)source.resize(at.bytes);
    }
    found.summary = found.written = at;
    adopt_index(found, std::move(*index));
    found.index_persisted = 0;
    return whole;
}

}  // namespace iggy::storage
