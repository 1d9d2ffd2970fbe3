// Everything that takes messages away. Each is recorded in the manifest before it happens.

#include <algorithm>

#include "log_state.hpp"
#include "segment_scanner.hpp"

namespace iggy::storage {

/// Forgets what is in memory of the segments; their files are moved or removed by the caller.
void engine_log::state::forget_segments() {
    for (const auto& at : segments) {
        shared.memory->give_back(at->index_charged);
        at->index_charged = 0;
    }
    segments.clear();
    ++removals;
    shared.unsynced_bytes.fetch_sub(written_position - synced_position, std::memory_order_relaxed);
    synced_position = written_position;
    counters->messages.store(0, std::memory_order_relaxed);
    counters->bytes.store(0, std::memory_order_relaxed);
    note_segments();
}

void engine_log::state::purge(std::function<void(result<done_t>)> then) {
    enter([this, then = std::move(then)] {
        quiesce([this, then](result<done_t>) {
            items.clear();  // what could not be written goes too
            const log_identity old = identity;
            identity.generation += 1;
            forget_segments();
            offsets.reset(identity);
            next = committed_next = durable_next = floor = {};
            newest = {};
            committed_position = stamped_position = written_position;
            counters->committed_next.store(0, std::memory_order_relaxed);
            directory_ready = false;
            next_segment.reset();  // goes with the rest
            next_segment_asked = false;
            auto work = [data = &shared, old, path = path,
                         generation = identity.generation]() -> result<done_t> {
                const manifest_change changes[] = {manifest_record::purge{old.uid, generation},
                                                   manifest_record::point{old.uid, generation, {}}};
                if (const auto noted = data->logs->commit(changes); !noted) {
                    return noted;
                }
                return data->discard(path, old.uid, old.generation);
            };
            owner->run(std::move(work), [this, then](result<done_t> outcome) {
                if (!outcome) {
                    // What is on disk is unknown now; the next start tells.
                    failed = outcome.error();
                    failed->code = errc::read_only;
                } else {
                    owner->run(
                        [data = &shared]() -> result<done_t> {
                            data->empty_trash();
                            return done;
                        },
                        [](const result<done_t>&) {});
                }
                release_hold();
                leave();
                then(outcome);
            });
        });
    });
}

void engine_log::state::truncate_before(message_offset at,
                                        std::function<void(result<done_t>)> then) {
    enter([this, at, then = std::move(then)] {
        std::vector<std::shared_ptr<segment>> gone;
        for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
            const segment& oldest = *segments[i];
            if (!oldest.sealed || (oldest.summary.messages > 0 &&
                                   oldest.summary.last >= std::min(at, committed_next))) {
                break;
            }
            gone.push_back(segments[i]);
        }
        if (gone.empty()) {
            leave();
            then(done);
            return;
        }
        const message_offset start = segments[gone.size()]->base();
        auto work = [data = &shared, uid = uid, start]() -> result<done_t> {
            const manifest_change change = manifest_record::start{uid, start};
            return data->logs->commit({&change, 1});
        };
        owner->run(std::move(work), [this, gone, then](result<done_t> noted) {
            if (!noted) {
                leave();
                then(noted);
                return;
            }
            std::vector<std::string> files;
            for (const auto& oldest : gone) {
                counters->messages.fetch_sub(oldest->summary.messages, std::memory_order_relaxed);
                counters->bytes.fetch_sub(oldest->summary.bytes, std::memory_order_relaxed);
                shared.memory->give_back(std::exchange(oldest->index_charged, 0));
                files.push_back(oldest->messages.path());
                files.push_back(segment_file_path(path, oldest->base(), index_extension));
                segments.pop_front();
            }
            note_segments();
            ++removals;
            auto removal = [data = &shared, files]() -> result<done_t> {
                for (const std::string& name : files) {
                    if (const auto removed = data->files->remove_without_haste(name); !removed) {
                        return removed;
                    }
                }
                return done;
            };
            owner->run(std::move(removal), [this, then](result<done_t> removed) {
                leave();
                then(removed);
            });
        });
    });
}

void engine_log::state::delete_oldest_segments(std::uint32_t count,
                                               std::function<void(result<done_t>)> then) {
    const auto barrier = offsets.lowest();
    message_offset at;
    for (std::size_t i = 0; i + 1 < segments.size() && i < count && segments[i]->sealed; ++i) {
        const segment_summary& oldest = segments[i]->summary;
        const bool is_needed = oldest.messages > 0 && (oldest.last >= committed_next ||
                                                       (barrier && oldest.last > *barrier));
        if (is_needed) {
            break;
        }
        at = segments[i + 1]->base();
    }
    truncate_before(at, std::move(then));
}

void engine_log::state::truncate_after(message_offset keep_before,
                                       std::function<void(result<done_t>)> then) {
    const message_offset oldest = segments.empty() ? committed_next : segments.front()->base();
    if (keep_before < oldest || keep_before > committed_next) {
        then(error{errc::invalid_argument});
        return;
    }
    enter([this, keep_before, then = std::move(then)] {
        const auto end = [this, then](result<done_t> outcome) {
            release_hold();
            leave();
            then(outcome);
        };
        quiesce([this, keep_before, end](result<done_t> quiet) {
            if (!quiet) {
                end(quiet);
                return;
            }
            // What the journal has of the messages that stay is void in the next generation.
            sync_through(written_position, [this, keep_before, end](result<done_t> synced) {
                // After a failed sync it would have to sync what proves nothing any more.
                end(synced ? start_truncation(keep_before) : synced);
            });
        });
    });
}

/// Blocks: truncations are rare, and nothing may read or append meanwhile.
result<done_t> engine_log::state::start_truncation(message_offset keep_before) {
    // As with the messages: the journal will not have them any more.
    result<done_t> outcome = done;
    if (level == durability::synced) {
        outcome = shared.journal->watch([this] { return sync_offsets_file(); });
    }
    if (outcome) {
        identity.generation += 1;
        const manifest_change intent =
            manifest_record::truncate{uid, identity.generation, keep_before};
        outcome = shared.logs->commit({&intent, 1});
    }
    if (outcome && directory_ready) {
        outcome = write_identity(*shared.drawing_files, path, identity);
    }
    if (outcome) {
        // Synced in any case: a removed one that came back would lie past the end.
        const auto lowered = offsets.lower(keep_before);
        outcome = lowered ? sync_offsets_file() : lowered.error();
    }
    if (outcome) {
        outcome = finish_truncation(keep_before);
    }
    if (!outcome) {
        failed = outcome.error();
        failed->code = errc::read_only;
    }
    return outcome;
}

/// Removes what lies at or past `keep_before`, then tells the manifest that it is done. Repeating
/// it changes nothing. Blocks.
result<done_t> engine_log::state::finish_truncation(message_offset keep_before) {
    ++removals;
    while (!segments.empty() && segments.back()->base() >= keep_before) {
        const std::shared_ptr<segment> last = segments.back();
        for (const std::string& name :
             {last->messages.path(), segment_file_path(path, last->base(), index_extension)}) {
            if (const auto removed = shared.files->remove(name); !removed) {
                return removed;
            }
        }
        shared.memory->give_back(std::exchange(last->index_charged, 0));
        segments.pop_back();
    }
    recovery_point point{.segment = {.base = keep_before}, .next = keep_before};
    if (!segments.empty()) {
        if (const auto cut = cut_segment(*segments.back(), keep_before); !cut) {
            return cut;
        }
        segment& last = *segments.back();
        if (!last.sealed && !last.missing) {
            // Its file would be believed up to the point below, whatever of it had been there.
            const auto index = segment_file_path(path, last.base(), index_extension);
            if (const auto removed = shared.files->remove(index); !removed) {
                return removed;
            }
            last.index_persisted = 0;
        }
        point.segment = last.written;
    }
    if (directory_ready) {
        if (const auto synced = sync_log_directory(*shared.files, path); !synced) {
            return synced;
        }
    }
    shared.unsynced_bytes.fetch_sub(written_position - synced_position, std::memory_order_relaxed);
    next = committed_next = durable_next = floor = keep_before;
    if (!segments.empty()) {
        stamped_position = segments.back()->end_position();
    }
    written_position = synced_position = committed_position = stamped_position;
    newest = {};
    for (const auto& at : segments) {
        newest = std::max(newest, at->written.last_timestamp);
    }
    count_messages();
    const manifest_change closed = manifest_record::truncated{uid, point};
    return shared.logs->commit({&closed, 1});
}

result<done_t> engine_log::state::cut_segment(segment& at, message_offset keep_before) {
    if (at.missing) {
        return done;
    }
    auto opened = at.messages.get(open_mode::read_write);
    if (!opened) {
        return located(opened.error(), at);
    }
    if (at.summary.messages == 0 || at.summary.last < keep_before) {
        // A killed process may have cut it and not come to the sync.
        const auto synced = (*opened)->sync();
        return synced ? synced : located(synced.error(), at);
    }
    if (const auto loaded = load_index(at); !loaded) {
        return loaded;
    }
    const index_entry from = at.index.before_offset(keep_before);
    segment_summary kept{.base = at.base(),
                         .last = message_offset{keep_before.raw() - 1},
                         .messages = from.messages_before,
                         .bytes = from.position,
                         .first_timestamp = at.summary.first_timestamp,
                         .last_timestamp = from.newest_before};
    segment_scanner scanner{**opened, from.position, at.summary.bytes};
    for (;;) {
        const auto message = scanner.next();
        if (!message) {
            return located(message.error(), at);
        }
        if (!*message || (*message)->offset() >= keep_before) {
            break;
        }
        kept.messages += 1;
        kept.bytes = scanner.position();
        kept.last_timestamp = (*message)->timestamp();
    }
    if (const auto cut = (*opened)->resize(kept.bytes); !cut) {
        return located(cut.error(), at);
    }
    at.room.reset();  // the cut freed it
    if (const auto synced = (*opened)->sync(); !synced) {
        return located(synced.error(), at);
    }
    at.summary = at.written = kept;
    at.synced_bytes = kept.bytes;
    at.full = at.sealed = false;
    cut_index(at, kept.bytes);
    return done;
}

void engine_log::state::close(std::function<void(result<done_t>)> then) {
    enter([this, then = std::move(then)] {
        quiesce([this, then](result<done_t> quiet) {
            closing = true;
            release_hold();
            if (!quiet) {
                drop([then, quiet] { then(quiet); });
                leave();
                return;
            }
            give_back_room();
            checkpoint([this, then](result<done_t> outcome) {
                drop([then, outcome] { then(outcome); });
                leave();
            });
        });
    });
}

/// Ends everything that is on its way; calls `then` once nothing refers to the log any more.
void engine_log::state::drop(std::function<void()> then) {
    closing = true;
    for (auto& [from, op] : std::exchange(commit_waiters, {})) {
        owner->finish(*op, errc::closed);
    }
    release_hold();
    give_back_next_segment();
    if (leave_line()) {
        checkpoint_queued = false;
    }
    flush_position = stamped_position;
    if (on_quiet.empty()) {
        owner->ending.push_back(this);
    }
    on_quiet.push_back(std::move(then));
    start_writes();
    if (failed && items_in_flight == 0 && !items.empty()) {
        fail_writes(*failed);
    }
}

/// Nothing that was begun will come back, but for writes.
bool engine_log::state::is_at_rest() const {
    return syncs_idle() && !task_running && !checkpoint_queued && uses_in_flight == 0;
}

/// Not to be called from anything of the log, which could begin something behind it.
bool engine_log::state::ends_when_quiet() {
    const bool quiet = writes_idle() && is_at_rest();
    if (quiet) {
        for (const auto& then : std::exchange(on_quiet, {})) {
            then();
        }
    }
    return quiet;
}

}  // namespace iggy::storage
