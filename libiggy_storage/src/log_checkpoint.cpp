// Making a log durable: syncs shared by all who wait for them, and recovery points in the manifest.

#include <algorithm>

#include "log_state.hpp"

namespace iggy::storage {

/// Calls `then` when everything before `position` was handed to the kernel.
void engine_log::state::write_all(std::function<void(result<done_t>)> then) {
    if (written_position == stamped_position) {
        then(failed ? result<done_t>{*failed} : done);
        return;
    }
    if (failed) {
        then(*failed);
        return;
    }
    write_waiters.emplace_back(stamped_position, std::move(then));
    flush_position = stamped_position;
    start_writes();
}

/// Calls `then` when everything before `position`, which was written, is on stable storage.
void engine_log::state::sync_through(std::uint64_t position,
                                     std::function<void(result<done_t>)> then) {
    notice_loss();
    if (failed) {
        then(*failed);
        return;
    }
    if (position <= synced_position && names_durable()) {
        then(done);
        return;
    }
    sync_waiters.emplace_back(position, std::move(then));
    start_sync();
}

/// Whether the first append in line needs a sync of its segment: it is too large for the journal.
bool engine_log::state::waits_for_sync() const {
    if (syncing.empty()) {
        return false;
    }
    const auto& first = static_cast<const append_operation&>(syncing.front());
    return !first.in_journal_ && !first.kept_;
}

/// One sync at a time; whoever comes meanwhile shares the next one.
void engine_log::state::start_sync() {
    if (sync_busy || failed || (sync_waiters.empty() && !waits_for_sync())) {
        return;
    }
    if (!names_durable()) {
        sync_busy = true;
        run_sync(
            [files = shared.files.get(), path = path] { return sync_log_directory(*files, path); },
            [this, made = names_made](result<done_t> outcome) {
                sync_busy = false;
                if (!outcome) {
                    fail_sync(outcome.error());
                } else {
                    names_synced = made;
                    start_sync();
                }
                when_idle();
            });
        return;
    }
    const auto dirty =
        std::ranges::find_if(segments, [](const auto& at) { return at->is_dirty(); });
    if (dirty == segments.end()) {
        shared.unsynced_bytes.fetch_sub(written_position - synced_position,
                                        std::memory_order_relaxed);
        synced_position = written_position;
        resolve_synced();
        return;
    }
    auto opened = (*dirty)->messages.get(open_mode::create);
    if (!opened) {
        fail_sync(located(opened.error(), **dirty));
        return;
    }
    sync_busy = true;
    sync_target = *dirty;
    sync_bytes = sync_target->written.bytes;
    sync_target->messages.pin();
    run_sync([file = *opened] { return file->sync(); },
             [this](result<done_t> outcome) { on_synced(outcome); });
}

/// On a helper thread. The journal is to hear of a failure first where it has entries of this log.
void engine_log::state::run_sync(std::function<result<done_t>()> sync,
                                 std::function<void(result<done_t>)> then) {
    if (level == durability::synced) {
        sync = [journal = shared.journal.get(), sync = std::move(sync)] {
            return journal->watch(sync);
        };
    }
    owner->run(std::move(sync), std::move(then));
}

void engine_log::state::on_synced(const result<done_t>& outcome) {
    sync_busy = false;
    const std::shared_ptr<segment> target = std::exchange(sync_target, nullptr);
    target->messages.unpin();
    notice_loss();  // before this one counts
    if (!outcome) {
        fail_sync(located(outcome.error(), *target));
    } else if (!failed) {
        target->synced_bytes = std::max(target->synced_bytes, sync_bytes);
        const std::uint64_t reached = target->log_position + target->synced_bytes;
        if (reached > synced_position) {
            shared.unsynced_bytes.fetch_sub(reached - synced_position, std::memory_order_relaxed);
            synced_position = reached;
        }
        resolve_synced();
        start_sync();
    }
    when_idle();
}

/// A sync that somebody else did may have failed; then the next one proves nothing.
void engine_log::state::notice_loss() {
    if (failed || level != durability::synced) {
        return;
    }
    if (const auto loss = shared.journal->loss_of(uid)) {
        fail_sync(*loss);
    }
}

void engine_log::state::resolve_synced() {
    notice_loss();
    while (!syncing.empty()) {
        auto& op = static_cast<append_operation&>(syncing.front());
        const bool synced = op.end_position_ <= synced_position && names_durable();
        // While it is on its way to the journal, its bytes are borrowed.
        if (op.in_journal_ || !(op.kept_ || synced || failed)) {
            break;
        }
        syncing.pop();
        if (failed) {
            finish(op, *failed);
            continue;
        }
        commit(op.next_, op.count, op.messages.size());
        finish(op, done);
    }
    if (names_durable()) {
        tell_reached(sync_waiters, synced_position);
    }
}

/// Tells those who wait for no more than `position`, who may begin to wait for more meanwhile.
void engine_log::state::tell_reached(position_waiters& waiters, std::uint64_t position) {
    std::vector<std::function<void(result<done_t>)>> ready;
    std::erase_if(waiters, [&](auto& waiter) {
        if (waiter.first > position) {
            return false;
        }
        ready.push_back(std::move(waiter.second));
        return true;
    });
    for (const auto& then : ready) {
        then(done);
    }
}

/// Final: what the page cache shows after a failed sync proves nothing.
void engine_log::state::fail_sync(const error& why) {
    error failure = why;
    failure.log = uid;
    failed = failure;
    failed->code = errc::read_only;
    fail_waiting(failure);
    if (items_in_flight == 0 && !items.empty()) {
        fail_writes(failure);
    }
}

/// No sync will come any more.
void engine_log::state::fail_waiting(const error& why) {
    resolve_synced();
    for (auto& [position, then] : std::exchange(sync_waiters, {})) {
        then(why);
    }
}

/// The entry that says where the segment ends, and so that its index is whole.
void engine_log::state::close_index(segment& of) {
    if (of.index.entries().empty() || of.index.entries().back().position < of.written.bytes) {
        of.index.push({of.written.last.next(), static_cast<std::uint32_t>(of.written.bytes),
                       static_cast<std::uint32_t>(of.written.messages), of.written.last_timestamp});
    }
}

/// After a failed sync no stored offset can be promised at `synced` any more.
bool engine_log::state::offsets_fail(operation& op) const {
    const bool fails = failed && level == durability::synced;
    if (fails) {
        op.outcome = *failed;
    }
    return fails;
}

/// Finishes the change of a stored offset that was written; with nothing in `at`, its removal.
progress engine_log::state::finish_offset(operation& op, offset_key key,
                                          std::optional<message_offset> at) {
    if (!op.outcome || level != durability::synced) {
        return progress::finished;
    }
    ++uses_in_flight;
    owner->journal.keep_offset(*this, op, key, at);
    return progress::pending;
}

void engine_log::state::on_offset_kept(operation& op, const result<done_t>& outcome) {
    --uses_in_flight;
    owner->finish(op, outcome);
}

/// The journal has the batch, or cannot have it; then a sync of the segment may.
void engine_log::state::on_kept(append_operation& op, const result<done_t>& outcome) {
    op.in_journal_ = false;
    op.kept_ = outcome.has_value();
    if (!outcome && outcome.error().code != errc::no_space) {
        fail_sync(outcome.error());
    }
}

void engine_log::state::resolve_kept() {
    resolve_synced();
    start_sync();
    when_idle();
}

result<done_t> engine_log::state::persist_index(segment& of) {
    const std::string index_path = segment_file_path(path, of.base(), index_extension);
    const auto written =
        write_index(*shared.files, index_path, {identity, of.base()}, of.index, of.index_persisted);
    if (written) {
        of.index_persisted = of.index.entries().size();
        return done;
    }
    // What an earlier life of the segment left there must not be taken for its index; an empty file
    // is made anew, and needs no room.
    of.index_persisted = 0;
    auto opened = shared.files->open(index_path, open_mode::read_write);
    if (!opened) {
        return opened.error().code == errc::not_found ? result<done_t>{done} : opened.error();
    }
    return (*opened)->resize(0);
}

/// Syncs all that was written and notes in the manifest how far that is: recovery scans only what
/// comes later. Full segments are sealed on the way.
void engine_log::state::checkpoint(std::function<void(result<done_t>)> then) {
    std::vector<manifest_change> changes;
    std::vector<std::shared_ptr<segment>> sealing;
    std::vector<std::string> indexes;
    std::uint64_t through = synced_position;
    message_offset reached = floor;
    bool has_point = false;
    for (const auto& at : segments) {
        if (at->sealed) {
            continue;
        }
        if (at->missing) {
            // What is known of it stays known when the recovery point moves on.
            sealing.push_back(at);
            changes.emplace_back(manifest_record::seal{uid, identity.generation, at->written});
            continue;
        }
        through = at->log_position + at->written.bytes;
        if (at->written.messages > 0) {
            reached = std::max(reached, at->written.last.next());
        }
        indexes.push_back(segment_file_path(path, at->base(), index_extension));
        if (at->full && at->written.bytes == at->summary.bytes) {
            close_index(*at);
            if (const auto persisted = persist_index(*at); !persisted) {
                then(located(persisted.error(), *at));
                return;
            }
            sealing.push_back(at);
            changes.emplace_back(manifest_record::seal{uid, identity.generation, at->written});
            continue;
        }
        if (const auto persisted = persist_index(*at); !persisted) {
            then(located(persisted.error(), *at));
            return;
        }
        reached = std::max(reached, at->base());
        changes.emplace_back(
            manifest_record::point{uid, identity.generation, {at->written, reached}});
        has_point = true;
        break;  // a later segment has nothing yet, or waits for this one
    }
    if (!has_point && floor > durable_next) {
        changes.emplace_back(
            manifest_record::point{uid, identity.generation, {{.base = floor}, floor}});
    }
    if (changes.empty()) {
        then(failed ? result<done_t>{*failed} : done);
        return;
    }
    sync_through(through, [this, changes = std::move(changes), sealing, indexes, reached,
                           then = std::move(then)](result<done_t> synced) {
        if (!synced) {
            then(synced);
            return;
        }
        // The index too: an older one that came back after a power cut would point into nowhere.
        owner->run(
            [logs = shared.logs.get(), files = shared.files.get(), changes,
             indexes]() -> result<done_t> {
                for (const std::string& index : indexes) {
                    if (const auto kept = sync_file(*files, index); !kept) {
                        return kept;
                    }
                }
                return logs->commit(changes);
            },
            [this, sealing, reached, then](result<done_t> outcome) {
                if (outcome) {
                    durable_next = std::max(durable_next, reached);
                }
                for (const auto& at : sealing) {
                    at->sealed = outcome.has_value();
                }
                then(outcome);
            });
    });
}

void engine_log::state::checkpoint_when_due() {
    const bool full = std::ranges::any_of(segments, [](const auto& at) {
        return at->full && !at->sealed && at->written.bytes == at->summary.bytes;
    });
    if (full || unsynced_bytes() >= shared.options.unsynced_log_bytes) {
        request_checkpoint();
    }
}

void engine_log::state::enter(std::function<void()> task) {
    tasks.push_back(std::move(task));
    if (!task_running) {
        task_running = true;
        auto first = std::move(tasks.front());
        tasks.pop_front();
        first();
    }
}

void engine_log::state::leave() {
    if (tasks.empty()) {
        task_running = false;
        when_idle();
        return;
    }
    auto following = std::move(tasks.front());
    tasks.pop_front();
    following();
}

void engine_log::state::quiesce(std::function<void(result<done_t>)> then) {
    held_back = true;
    unwritable.reset();
    on_idle = std::move(then);
    flush_position = stamped_position;
    start_writes();
    if (failed && items_in_flight == 0 && !items.empty()) {
        unwritable = failed;
    }
    when_idle();
}

void engine_log::state::when_idle() {
    const bool rests = writes_idle() || (unwritable && items_in_flight == 0);
    if (on_idle && rests && syncs_idle()) {
        const result<done_t> quiet = writes_idle() ? result<done_t>{done} : *unwritable;
        std::exchange(on_idle, nullptr)(quiet);
    }
}

}  // namespace iggy::storage
